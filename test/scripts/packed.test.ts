import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { reachableFrom } from "../../scripts/declarations/reachable.js";
import { vadi, type Outcome, type Settings } from "../cli/vadi.js";
import { assert, test } from "../helpers/test.js";

/*
 * vadi as others get it: packed, in a project that has the packages it depends on and no other. They are links into
 * this checkout; `.ci/run` installs the same from npm.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

const folder = await mkdtemp(path.join(tmpdir(), "vadi packed-"));
const modules = path.join(folder, "node_modules");
const installed = path.join(modules, "vadi");

interface Lockfile {
  packages: Record<string, { dev?: boolean; devOptional?: boolean; peer?: boolean }>;
}

/** Packages of which the bundle contains a part, and callers of vadi get the rest. */
const IN_BOTH = new Set(["apache-arrow", "flatbuffers", "tslib"]);

/** Packs this checkout and unpacks it into the project, with links to what it depends on. */
async function install(): Promise<void> {
  await mkdir(modules, { recursive: true });
  const words = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const { stdout } = await run("npm", words, { cwd: root });
  const file = stdout.trim();
  await run("tar", ["--extract", "--gzip", "--file", file], { cwd: folder });
  await rename(path.join(folder, "package"), installed);
  const lockfile = readFileSync(path.join(root, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(lockfile) as Lockfile;
  for (const [place, { dev, devOptional, peer }] of Object.entries(packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place) ?? [];
    const isLeftOut = dev === true || devOptional === true || peer === true;
    if (name === undefined || isLeftOut || !existsSync(path.join(root, place))) continue;
    await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
    await symlink(path.join(root, place), path.join(modules, name));
  }
  await writeFile(path.join(folder, "package.json"), '{ "type": "module", "private": true }\n');
}

/** Runs a command of the packed vadi, which must end well. */
async function ok(line: string, settings: Settings = {}): Promise<Outcome> {
  const program = path.join(installed, "dist/bundle/main.js");
  const outcome = await vadi(line.split(" "), { cwd: folder, program, ...settings });
  if (settings.onStart === undefined) assert.is(outcome.code, 0, `${line}\n${outcome.stderr}`);
  return outcome;
}

test.before(install);
test.after(() => rm(folder, { recursive: true, force: true }));

test("what the bundle contains is not installed beside it", () => {
  const licences = readFileSync(path.join(installed, "dist/bundle/LICENCES.txt"), "utf8");
  const names = [...licences.matchAll(/^([a-z@]\S*) \d\S*$/gm)].map(([, name = ""]) => name);
  for (const name of ["hono", "hyparquet", "ml-matrix", "temml", "tinyglobby", "yargs", "zod"]) {
    assert.ok(names.includes(name), name);
  }
  for (const name of names.filter((one) => !IN_BOTH.has(one))) {
    assert.not.ok(existsSync(path.join(modules, name)), name);
  }
});

test("the declarations are those that the package's own leads to, and name no package that is missing", () => {
  const source = path.join(installed, "dist/src");
  const { files, packages } = reachableFrom(path.join(source, "index.d.ts"));
  const packed = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".d.ts"))
    .map((file) => path.join(source, file));
  assert.equal(packed.toSorted(), [...files].toSorted());
  assert.ok(packages.has("@tensorflow/tfjs-layers"));
  for (const name of packages.keys()) assert.ok(existsSync(path.join(modules, name)), name);
});

test("the command line runs", async () => {
  await ok("demo --help");
  await ok("generate lsm --rows 2k --features 3 --out data/arrow --quiet");
  await ok(
    "generate lsm --rows 2k --features 3 --format parquet --compression zstd --out data/parquet --quiet",
  );
  await writeFile(path.join(folder, "table.csv"), "a,b,y\n1,2,3\n2,3,4\n4,5,6\n");
  const tables = ["data/arrow", "data/parquet", "data/arrow/*.arrow", "data/parquet/*.parquet"];
  for (const table of tables) {
    const { stdout } = await ok(`inspect ${table} --rows 2`);
    assert.match(stdout, /^ *rows +2000 × 3 features and a target$/m, table);
  }
  const { stdout } = await ok("inspect table.csv --rows 2");
  assert.match(stdout, /^ *rows +3 × 3 columns$/m);
  await ok("convert table.csv --target y --out data/converted --quiet");
  await ok("train data/arrow --model linear --batch-size 500 --out runs/linear --quiet");
  await ok("train data/arrow --model linear --optimizer closed-form --out runs/exact --quiet");
  await ok("landscape runs/linear --batches 2 --quiet");
  for (const seed of [1, 2]) {
    await ok(`train data/arrow --model mlp:4 --epochs 4 --seed ${seed} --out runs/${seed} --quiet`);
  }
  await ok("landscape runs/1 --along path --plane --points 5x5 --batches 1 --quiet");
  await ok("landscape runs/1 --along model:runs/2 --align --batches 1 --quiet");
  await ok("report runs/linear --out report.html --quiet");
  assert.match(readFileSync(path.join(folder, "report.html"), "utf8"), "<title>");
});

test("vadi watch answers", async () => {
  let page = Promise.resolve("");
  const { code, stderr } = await ok("watch runs/linear --json", {
    onStart: (child) => {
      child.stdout?.once("data", (told: Buffer) => {
        const { url } = JSON.parse(String(told)) as { url: string };
        page = fetch(url)
          .then((answer) => answer.text())
          .finally(() => child.kill("SIGINT"));
      });
    },
  });
  assert.is(code, 130, stderr);
  assert.match(await page, "<title>linear</title>");
});

test("a program imports vadi", async () => {
  const program = `
    import { openDataset } from "vadi";
    const dataset = await openDataset("data/parquet");
    let rows = 0;
    for await (const batch of dataset.batches({ batchSize: 100, shuffle: "global" })) rows += batch.rows;
    console.log(rows);
    process.exit(0);
  `;
  await writeFile(path.join(folder, "rows.js"), program);
  const { stdout } = await run(process.execPath, ["rows.js"], { cwd: folder });
  assert.is(stdout, "2000\n");
});

const TYPED = `
import { generate, landscape, planTasks, train, type Dataset, type Manifest, type Task } from "vadi";
const dataset: Dataset = await generate({ kind: "lsm", rows: 1000, out: "data" });
for await (const { x, rows } of dataset.batches({ batchSize: 100 })) console.log(x.length / rows);
const run = await train(dataset, { learningRate: 0.1, out: "run" });
console.log((await landscape(run)).record.method);
// @ts-expect-error A learning rate is a number.
await train(dataset, { learningRate: "0.1" });
// @ts-expect-error There is no such option.
await train(dataset, { learningrate: 0.1 });
export function weights(manifest: Manifest): number[] {
  // @ts-expect-error A table has no true weights.
  if (manifest.kind === "table") return manifest.truth;
  return manifest.kind === "lsm" ? manifest.truth.w : manifest.truth.w1;
}
export function seedOf(task: Task): number | undefined {
  // @ts-expect-error A task has a number, not a text.
  const wrong: string = task.task;
  return task.kind === "generate" ? task.spec.seed : wrong.length;
}
export const plan: typeof planTasks = planTasks;
`;

test("the types are whole, as Node and as bundlers look for them", async () => {
  await writeFile(path.join(folder, "typed.ts"), TYPED);
  for (const words of ["--module nodenext", "--module esnext --moduleResolution bundler"]) {
    const tsc = path.join(root, "node_modules/.bin/tsc");
    const common = ["--noEmit", "--strict", "--target", "es2022", "--pretty", "false"];
    const { stdout } = await run(tsc, [...common, ...words.split(" "), "typed.ts"], {
      cwd: folder,
      maxBuffer: 2 ** 26,
    }).catch((error: unknown) => error as { stdout: string });
    // TensorFlow.js's own types have errors, and those of WebGPU that it brings disagree with TypeScript's.
    const own = stdout
      .split("\n")
      .filter((line) => /^\S.*: error /.test(line))
      .filter((line) => !/node_modules\/@(?:tensorflow|webgpu)\/|\/lib\.dom\.d\.ts\(/.test(line));
    assert.equal(own, [], words);
  }
});

test.run();
