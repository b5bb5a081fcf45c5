import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { failure, VadiError } from "../../src/common/errors.js";
import {
  checkOutputFolder,
  inOutputFolder,
  openOutputFolder,
  type OutputKind,
} from "../../src/files/output-folder.js";
import { inFolder } from "../helpers/folder.js";

/** A kind whose folders are replaced as one, and a kind whose files are replaced in the folder. */
const asFolder: OutputKind = {
  name: "a garden",
  marker: "garden.json",
  partialMarker: ".sown",
  isOwn: (name) => name === "bed",
  replaced: "folder",
  errorKind: "failed",
};
const inPlace: OutputKind = { ...asFolder, replaced: "files", errorKind: "usage" };

const NEITHER = {};
const RESUME = { resume: true };
const FORCE = { force: true };

/** What is decided, or the error's message. */
async function decision(...given: Parameters<typeof checkOutputFolder>): Promise<string> {
  try {
    return await checkOutputFolder(...given);
  } catch (error) {
    if (!(error instanceof VadiError)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}

/** By the names in a folder: what is decided by default, with `resume` and with `force`. */
const EXPECTED: [names: string[], folder: string[], files: string[]][] = [
  [[], ["create", "create", "create"], ["create", "create", "create"]],
  // Left by a process that was killed.
  [
    ["bed.tmp", ".lock.7-0.tmp"],
    ["create", "create", "create"],
    ["create", "create", "create"],
  ],
  [
    [".sown", "bed"],
    ["not finished; use resume", "resume", "create"],
    ["not finished; use resume", "resume", "create"],
  ],
  [
    ["garden.json", "bed"],
    ["holds a garden already", "complete", "replace"],
    ["holds a garden already", "complete", "replace"],
  ],
  // A replacement in the folder itself was interrupted; as a folder, only the clearing up was.
  [
    ["garden.json", ".sown"],
    ["holds a garden already", "complete", "replace"],
    ["not finished; use resume", "resume", "replace"],
  ],
  [
    ["garden.json", "thesis.tex"],
    ["holds a garden already", "complete", "holds a garden and also 'thesis.tex'"],
    ["holds a garden already", "complete", "replace"],
  ],
  [
    [".sown", "thesis.tex"],
    ["also 'thesis.tex'", "also 'thesis.tex'", "also 'thesis.tex'"],
    ["also 'thesis.tex'", "also 'thesis.tex'", "also 'thesis.tex'"],
  ],
  [
    ["thesis.tex"],
    ["holds 'thesis.tex', and is not a garden (it has no garden.json)", "'thesis.tex'", "'thesis"],
    ["holds 'thesis.tex', and is not a garden (it has no garden.json)", "'thesis.tex'", "'thesis"],
  ],
  // An own name alone proves nothing.
  [["bed"], ["holds 'bed'", "holds 'bed'", "holds 'bed'"], ["'bed'", "'bed'", "'bed'"]],
];

test(
  "what a job does with its output folder depends on what it holds and what the user allows",
  inFolder(async (folder) => {
    for (const [index, [names, ...expected]] of EXPECTED.entries()) {
      const out = path.join(folder, String(index));
      await mkdir(out);
      for (const name of names) await writeFile(path.join(out, name), "");
      for (const [number, kind] of [asFolder, inPlace].entries()) {
        for (const [column, choice] of [NEITHER, RESUME, FORCE].entries()) {
          const wanted = expected[number]![column]!;
          const what = `${names.join(" ")}, ${kind.replaced}, ${JSON.stringify(choice)}`;
          const found = await decision(out, kind, choice);
          if (/^\w+$/.test(wanted)) assert.is(found, wanted, what);
          else {
            assert.match(found, wanted, what);
            assert.match(found, `${kind.errorKind}: ${out} `, what);
          }
        }
      }
      assert.equal((await readdir(out)).toSorted(), names.toSorted());
    }
  }),
);

test(
  "a folder that is absent is made, and removed again if nothing is written to it",
  inFolder(async (folder) => {
    const out = path.join(folder, "a", "b");
    assert.is(await decision(out, asFolder, NEITHER), "create");
    assert.not.ok(existsSync(out));
    const failing = inOutputFolder(out, asFolder, NEITHER, async () => {
      assert.equal(await readdir(out), [".lock"]);
      throw failure("Hail.");
    });
    assert.is(await failing.catch((error: Error) => error.message), "Hail.");
    assert.equal(await readdir(folder), []);
    await inOutputFolder(out, asFolder, NEITHER, () => writeFile(path.join(out, "bed"), ""));
    assert.equal(await readdir(out), ["bed"]);
    const file = path.join(out, "bed");
    for (const inTheWay of [file, path.join(file, "below")]) {
      assert.match(await decision(inTheWay, asFolder, FORCE), `${inTheWay} cannot hold a garden`);
    }
  }),
);

test(
  "a folder that is locked is refused, whatever the user allows",
  inFolder(async (folder) => {
    const out = path.join(folder, "locked");
    const { action, release } = await openOutputFolder(out, asFolder, NEITHER);
    assert.is(action, "create");
    for (const choice of [NEITHER, RESUME, FORCE]) {
      const refused = `failed: ${out} is being written by process ${process.pid};`;
      assert.match(await decision(out, asFolder, choice), refused);
    }
    release();
    assert.is(await decision(out, asFolder, NEITHER), "create");
  }),
);

test(
  "a folder is replaced only if its marker's content confirms its kind",
  inFolder(async (folder) => {
    const kind: OutputKind = {
      ...inPlace,
      checkMarker: async (out) => {
        throw failure(`${out} is a car park.`);
      },
    };
    await writeFile(path.join(folder, "garden.json"), "");
    assert.is(await decision(folder, kind, FORCE), `failed: ${folder} is a car park.`);
    assert.is(await decision(folder, kind, RESUME), "complete");
  }),
);

test.run();
