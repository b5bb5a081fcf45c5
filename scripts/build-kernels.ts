// Compiles the kernels of assembly/ to dist/kernels/NAME.wasm, and writes the TypeScript signatures of their
// functions to src/common/kernel-signatures.ts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const FLAGS = "--enable simd --runtime stub --noAssert -O3 --converge --bindings raw";

/** The memory comes from the caller, who shares it between threads. */
const SHARED = "--enable threads --importMemory --sharedMemory --maximumMemory 65536";

/** Every kernel: the file of assembly/ that it is compiled from, and flags of its own. */
const KERNELS: Readonly<Record<string, { source: string; flags?: string }>> = {
  generate: { source: "generate" },
  columns: { source: "columns" },
  stream: { source: "stream" },
  "mlp-slice": { source: "mlp-slice" },
  // Fuses multiplications with additions, for engines that have relaxed SIMD (from Node 22 on).
  "mlp-slice-relaxed": { source: "mlp-slice", flags: "--enable relaxed-simd" },
  hessian: { source: "hessian" },
  "hessian-relaxed": { source: "hessian", flags: "--enable relaxed-simd" },
  train: { source: "train", flags: SHARED },
  "train-relaxed": { source: "train", flags: `${SHARED} --enable relaxed-simd` },
};

/**
 * AssemblyScript's decorator `@inline` is no TypeScript before a function, so that no formatter or
 * linter reads it: assembly/ has the comment `// @inline` instead, which only the compiler sees as
 * the decorator.
 */
function readSource(name: string, folder: string): string | null {
  const file = path.resolve(folder, name);
  if (!existsSync(file)) return null;
  return readFileSync(file, "utf8").replaceAll(/^\/\/ @inline$/gm, "@inline");
}

/** Compiles a kernel. Returns the declarations that AssemblyScript writes for it. */
async function compile(name: string, source: string, flags = ""): Promise<string> {
  const output = `dist/kernels/${name}`;
  const words = `assembly/${source}.ts --outFile ${output}.wasm ${FLAGS} ${flags}`;
  let declarations = "";
  const { error, stderr } = await asc.main(words.trim().split(" "), {
    readFile: (file, folder) => readSource(file, path.resolve(root, folder)),
    writeFile: (file, contents) => {
      if (file.endsWith(".d.ts")) declarations = String(contents);
      if (file.endsWith(".wasm")) writeFileSync(path.join(root, file), contents);
    },
    listFiles: () => null,
  });
  if (error !== null) throw new Error(`${stderr.toString()}\n${error.message}`);
  return declarations;
}

/** `export function f(a: number): void;` of the declarations as a method of an interface. */
function methodOf(declaration: string): string {
  const [, head = "", parameters = "", result = ""] = /^(\w+)\((.*)\): (\w+);$/.exec(declaration)!;
  const line = `  ${head}(${parameters}): ${result};`;
  if (line.length <= 100) return line;
  return `  ${head}(\n    ${parameters.replaceAll(", ", ",\n    ")},\n  ): ${result};`;
}

function interfaceOf(source: string, declarations: string): string {
  const functions = [...declarations.matchAll(/^ *export function (.*)$/gm)];
  return [
    `/** The functions of assembly/${source}.ts. */`,
    `export interface ${nameOf(source)} extends KernelMemory {`,
    ...functions.map(([, declaration]) => methodOf(declaration!)),
    "}",
    "",
  ].join("\n");
}

/** The name of a kernel's interface: `MlpSliceKernel` of `mlp-slice`. */
function nameOf(source: string): string {
  const words = source.split("-").map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`);
  return `${words.join("")}Kernel`;
}

mkdirSync(path.join(root, "dist/kernels"), { recursive: true });
const interfaces = new Map<string, string>();
for (const [name, { source, flags }] of Object.entries(KERNELS)) {
  const declarations = await compile(name, source, flags);
  interfaces.set(source, interfaceOf(source, declarations));
}
const entries = Object.entries(KERNELS).map(([name, { source }]) => {
  return `  ${name.includes("-") ? `"${name}"` : name}: ${nameOf(source)};`;
});
const signatures = `// Written by scripts/build-kernels.ts from the functions that assembly/ exports: do not edit.

/** What every kernel exports. Addresses are byte offsets into \`memory\`. */
interface KernelMemory {
  readonly memory: WebAssembly.Memory;
}

${[...interfaces.values()].join("\n")}
/** The functions of each kernel, by its name. */
export interface Kernels {
${entries.join("\n")}
}
`;
const signatureFile = path.join(root, "src/common/kernel-signatures.ts");
if (readFileSync(signatureFile, "utf8") !== signatures) {
  writeFileSync(signatureFile, signatures);
  console.log("src/common/kernel-signatures.ts has changed: run `npm run build` again.");
}
