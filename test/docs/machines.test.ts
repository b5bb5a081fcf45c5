import { readFile } from "node:fs/promises";
import path from "node:path";
import { generate } from "../../src/index.js";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { root, runPage } from "./run-page.js";

const SPEC = { rows: 40_000, shardRows: 10_000 };

/** Two datasets have the same bytes. */
async function assertSame(folder: string, one: string, other: string): Promise<void> {
  for (const file of ["SHA256SUMS", "manifest.json"]) {
    const [a, b] = await Promise.all(
      [one, other].map((dataset) => readFile(path.join(folder, dataset, file))),
    );
    assert.ok(a!.equals(b!), `${other}/${file}`);
  }
}

test(
  "docs/clusters.md: the tasks of a plan give the bytes of one machine",
  inFolder(async (folder) => {
    await runPage("docs/clusters.md", folder);
    await generate({ kind: "lsm", ...SPEC, out: path.join(folder, "lsm") });
    await generate({ kind: "two-layer-sigmoid", ...SPEC, out: path.join(folder, "sigmoid") });
    await assertSame(folder, "lsm", "data/divided");
    await assertSame(folder, "lsm", "shared/large");
    await assertSame(folder, "sigmoid", "data/sigmoid");
  }),
);

test(
  "docs/datasets.md: parts give the bytes of the whole, and the maxima are those that it names",
  inFolder(async (folder) => {
    const ran = await runPage("docs/datasets.md", folder);
    const sigmoid = { kind: "two-layer-sigmoid", ...SPEC, seed: 10 } as const;
    await generate({ kind: "lsm", ...SPEC, out: path.join(folder, "lsm") });
    await generate({ ...sigmoid, out: path.join(folder, "sigmoid") });
    await assertSame(folder, "lsm", "data/lsm-joined");
    await assertSame(folder, "sigmoid", "data/sigmoid-joined");
    await assertSame(folder, "sigmoid", "data/divided-joined");
    const page = await readFile(path.join(root, "docs/datasets.md"), "utf8");
    const maxima = ran.flatMap(({ output }) => [...output.matchAll(/maximum +(\d\S*)/g)]);
    assert.is(maxima.length, 4);
    for (const [, maximum = ""] of maxima) assert.ok(page.includes(maximum), maximum);
  }),
);

test.run();
