import { existsSync } from "node:fs";
import { readdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { ensureFolder, exists, inNewFolder, isFile } from "../../src/files/folders.js";
import { systemCode } from "../../src/common/errors.js";
import { vadi } from "../cli/vadi.js";
import { inFolder } from "../helpers/folder.js";

async function refusal(folder: string): Promise<[code: string | undefined, message: string]> {
  try {
    await ensureFolder(folder);
  } catch (error) {
    return [systemCode(error), (error as Error).message];
  }
  return [undefined, ""];
}

test(
  "folders that are not there are made, the topmost of them is told",
  inFolder(async (folder) => {
    const top = path.join(folder, "a");
    assert.is(await ensureFolder(path.join(top, "b", "c")), top);
    assert.is(await ensureFolder(path.join(top, "b", "c")), undefined);
    assert.is(await ensureFolder(path.join(top, "b", "d")), path.join(top, "b", "d"));
    await symlink(path.join(top, "b"), path.join(folder, "link"));
    assert.is(await ensureFolder(path.join(folder, "link", "e")), path.join(folder, "link", "e"));
    assert.equal((await readdir(path.join(top, "b"))).toSorted(), ["c", "d", "e"]);
    // Two at once are no hindrance to each other.
    const both = path.join(folder, "x", "y", "z");
    await Promise.all([ensureFolder(both), ensureFolder(both)]);
    assert.ok(existsSync(both));
  }),
);

const notMade = (reason: string): string => `Not made: ${reason}.`;

async function failing(): Promise<never> {
  throw new Error("no");
}

/** What a promise gives, or the message of what it throws. */
function outcome(made: Promise<unknown>): Promise<string> {
  return made.then(String, (error: Error) => error.message);
}

test(
  "what is made for something that fails goes again, and nothing else",
  inFolder(async (folder) => {
    const inner = path.join(folder, "a", "b", "c");
    assert.is(await outcome(inNewFolder(inner, notMade, failing)), "no");
    assert.equal(await readdir(folder), []);
    // Half-way: the folders above one that cannot be made.
    const long = path.join(inner, "x".repeat(300));
    assert.match(
      await outcome(inNewFolder(long, notMade, failing)),
      /^Not made: ENAMETOOLONG.*\.$/,
    );
    assert.equal(await readdir(folder), []);
    // What was there stays, and what someone else has put there.
    await ensureFolder(path.join(folder, "a"));
    assert.is(await outcome(inNewFolder(path.join(folder, "a"), notMade, failing)), "no");
    assert.is(await outcome(inNewFolder(inner, notMade, failing)), "no");
    assert.equal(await readdir(path.join(folder, "a")), []);
    const write = async (): Promise<never> => {
      await writeFile(path.join(folder, "a", "b", "file"), "");
      return failing();
    };
    assert.is(await outcome(inNewFolder(inner, notMade, write)), "no");
    assert.equal(await readdir(path.join(folder, "a", "b")), ["file"]);
    assert.is(await outcome(inNewFolder(inner, notMade, async () => 7)), "7");
    assert.ok(existsSync(inner));
  }),
);

test(
  "what is in the way is named: a file, a link to nothing, a folder that takes no others",
  inFolder(async (folder) => {
    const file = path.join(folder, "file");
    await writeFile(file, "");
    for (const below of [file, path.join(file, "a"), path.join(file, "a", "b")]) {
      assert.equal(await refusal(below), ["ENOTDIR", `${file} is not a folder`]);
    }
    const link = path.join(folder, "link");
    await symlink(path.join(folder, "nothing"), link);
    for (const below of [link, path.join(link, "a", "b")]) {
      assert.equal(await refusal(below), ["ENOENT", `${link} is a link to nothing`]);
    }
    if (process.platform === "linux") {
      for (const below of ["/proc/vadi", "/proc/vadi/a"]) {
        assert.equal(await refusal(below), ["ENOENT", "/proc takes no new folders"]);
      }
    }
  }),
);

test(
  "a command that is to write below a link to nothing ends at once, with one sentence",
  inFolder(async (folder) => {
    const made = await vadi(["generate", "lsm", "--rows", "100", "--out", "data"], { cwd: folder });
    assert.is(made.code, 0, made.stderr);
    await symlink(path.join(folder, "nothing"), path.join(folder, "link"));
    const commands = {
      generate: ["lsm", "--rows", "100"],
      train: ["data"],
      experiment: ["walk"],
    };
    for (const [command, words] of Object.entries(commands)) {
      const given = [command, ...words, "--quiet", "--out", "link/new"];
      const { code, stdout, stderr } = await vadi(given, { cwd: folder });
      assert.is(code, 1, command);
      assert.is(stdout, "");
      assert.match(stderr, /^[^\n]*link\/new[^\n]* is a link to nothing[^\n]*\n$/);
    }
    assert.equal((await readdir(folder)).toSorted(), ["data", "link"]);
  }),
);

test(
  "what cannot be examined is not taken for absent",
  inFolder(async (folder) => {
    const [file, circle] = [path.join(folder, "file"), path.join(folder, "circle")];
    await writeFile(file, "");
    await symlink("circle", circle);
    assert.equal([exists(folder), exists(file), await isFile(file)], [true, true, true]);
    for (const absent of [path.join(folder, "no"), path.join(file, "no")]) {
      assert.equal([exists(absent), await isFile(absent)], [false, false]);
    }
    assert.is(await isFile(folder), false);
    assert.throws(() => exists(circle), /^Could not examine .*circle: ELOOP/);
    const looked = await isFile(circle).catch(String);
    assert.match(String(looked), /Could not examine .*circle: ELOOP/);
    // A run whose record cannot be examined is not drawn as a folder of runs.
    await symlink("run.json", path.join(folder, "run.json"));
    const { code, stderr } = await vadi(["report", folder, "--out", "report.html"], {
      cwd: folder,
    });
    assert.is(code, 1);
    assert.match(stderr, /^Could not examine .*run\.json: ELOOP/);
  }),
);

test.run();
