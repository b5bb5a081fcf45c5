// Compiles every AssemblyScript file of assembly/ that is a kernel of its own to dist/kernels/NAME.wasm,
// and makes the command executable.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const compiler = path.join(
  path.dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")),
  "bin/asc.js",
);

/** A kernel whose memory several threads share: the caller makes it, of whatever size. */
const SHARED_MEMORY: readonly string[] =
  "--enable threads --importMemory --sharedMemory --maximumMemory 65536".split(" ");
/** Multiplications fused with additions, for engines that have them (Node 22 on). */
const RELAXED_SIMD: readonly string[] = ["--enable", "relaxed-simd"];
/** Files of assembly/, or of `NAME:VARIANT` NAME's, which becomes NAME-VARIANT.wasm. */
const KERNELS: Readonly<Record<string, readonly string[]>> = {
  generate: [],
  columns: [],
  stream: [],
  landscape: [],
  "landscape:relaxed": RELAXED_SIMD,
  summary: [],
  train: SHARED_MEMORY,
};

mkdirSync(path.join(root, "dist/kernels"), { recursive: true });
for (const [kernel, flags] of Object.entries(KERNELS)) {
  const source = `assembly/${kernel.split(":")[0]}.ts`;
  if (!existsSync(path.join(root, source))) continue;
  execFileSync(
    process.execPath,
    [
      compiler,
      source,
      "--outFile",
      `dist/kernels/${kernel.replace(":", "-")}.wasm`,
      "--enable",
      "simd",
      "--runtime",
      "stub",
      "--noAssert",
      "-O3",
      "--converge",
      ...flags,
    ],
    { cwd: root, stdio: "inherit" },
  );
}

const command = path.join(root, "dist/src/cli/main.js");
if (existsSync(command)) chmodSync(command, 0o755);
