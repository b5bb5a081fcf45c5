import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { assert, test } from "../helpers/test.js";
import type { BackendStatus } from "../../src/backend/index.js";
import { vadi } from "../cli/vadi.js";
import { inFolder } from "../helpers/folder.js";

/*
 * Training on WebGPU, where TEST_BACKENDS_FOLDER names a folder into which `vadi backend install
 * webgpu` has installed it; skipped where it does not. The driver is SwiftShader, a GPU in software
 * that comes with the Chromium of the tests.
 */

const folder = process.env["TEST_BACKENDS_FOLDER"];
if (folder !== undefined && !existsSync(path.join(folder, "webgpu", "backend.json"))) {
  throw new Error(`TEST_BACKENDS_FOLDER is ${folder}, but webgpu is not installed there.`);
}
const webgpuTest: typeof test.skip = folder === undefined ? test.skip : test;

/** Unpacks the driver; gives the environment in which Vulkan finds it, and nothing else. */
async function softwareGpu(place: string): Promise<Record<string, string>> {
  const driver = path.join(place, "driver");
  await mkdir(driver);
  const packed = fileURLToPath(
    new URL("../../bin/swiftshader.tar.br", import.meta.resolve("@sparticuz/chromium")),
  );
  execFileSync("tar", ["-x", "-C", driver], {
    input: brotliDecompressSync(await readFile(packed)),
  });
  return {
    VADI_BACKENDS_FOLDER: path.resolve(folder!),
    LD_LIBRARY_PATH: driver,
    VK_ICD_FILENAMES: path.join(driver, "vk_swiftshader_icd.json"),
  };
}

webgpuTest(
  "it computes on a software GPU, says that it is one, and is not what auto takes",
  inFolder(async (place) => {
    const env = await softwareGpu(place);
    const listed = await vadi(["backend", "--json"], { env });
    assert.is(listed.code, 0, listed.stderr);
    const { backends } = JSON.parse(listed.stdout) as { backends: BackendStatus[] };
    const webgpu = backends.find(({ name }) => name === "webgpu")!;
    assert.is(webgpu.reason, null);
    assert.match(webgpu.device!, /^CPU \(SwiftShader/);
    assert.match(webgpu.version!, /^Dawn \d.*tfjs-backend-webgpu 4\.22\.0$/);

    const data = path.join(place, "data");
    const made = await vadi(["generate", "lsm", "--rows", "1000", "--out", data]);
    assert.is(made.code, 0, made.stderr);
    const losses = new Map<string, number>();
    for (const backend of ["webgpu", "wasm", "auto"]) {
      const words = ["train", data, "--out", path.join(place, backend), "--model", "mlp"];
      words.push("--batch-size", "500", "--learning-rate", "0.01", "--epochs", "1");
      const trained = await vadi([...words, "--backend", backend, "--json"], { env });
      assert.is(trained.code, 0, trained.stderr);
      const answer = JSON.parse(trained.stdout) as { backend: string; loss: number };
      assert.is(answer.backend === "webgpu", backend === "webgpu");
      losses.set(backend, answer.loss);
    }
    const [loss, expected] = [losses.get("webgpu")!, losses.get("wasm")!];
    assert.ok(Math.abs(loss / expected - 1) < 1e-4, `${loss} on webgpu, ${expected} on wasm`);
  }),
);

webgpuTest(
  "without a driver it says what is missing",
  inFolder(async (place) => {
    const env = { ...(await softwareGpu(place)), VK_ICD_FILENAMES: path.join(place, "none.json") };
    const words = ["train", place, "--out", path.join(place, "run"), "--backend", "webgpu"];
    const data = path.join(place, "data");
    await vadi(["generate", "lsm", "--rows", "100", "--out", data]);
    const { code, stderr } = await vadi(words.with(1, data), { env });
    assert.is(code, 1);
    assert.match(stderr, /webgpu does not start \(no GPU with a Vulkan driver is found; VK_ICD/);
  }),
);

test.run();
