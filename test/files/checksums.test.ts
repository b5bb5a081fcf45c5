import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { checkFiles, writeChecksums } from "../../src/files/checksums.js";
import { inFolder } from "../helpers/folder.js";
import { messageOf } from "../helpers/message-of.js";
import { assert, test } from "../helpers/test.js";

const run = promisify(execFile);

/** A result of three files. */
async function writeResult(folder: string): Promise<void> {
  await mkdir(path.join(folder, "model"));
  await writeFile(path.join(folder, "model", "weights.bin"), "weights");
  await writeFile(path.join(folder, "model", "model.json"), "{}");
  await writeFile(path.join(folder, "record.json"), "{}\n");
  await writeFile(path.join(folder, "notes.txt"), "not of the result");
  await writeChecksums(folder, ["model", "record.json", "absent"]);
}

test(
  "checksums are those of sha256sum, and find what is changed, cut, exchanged or missing",
  inFolder(async (folder) => {
    await writeResult(folder);
    const { stdout } = await run("sha256sum", ["-c", "SHA256SUMS"], { cwd: folder });
    assert.is(stdout, "model/model.json: OK\nmodel/weights.bin: OK\nrecord.json: OK\n");
    await checkFiles(folder, ["record.json"]);
    await writeFile(path.join(folder, "notes.txt"), "changed");
    await checkFiles(folder, ["record.json"]);

    const weights = path.join(folder, "model", "weights.bin");
    await writeFile(weights, "weightt");
    assert.match(
      await messageOf(checkFiles(folder, ["record.json"])),
      /model\/weights\.bin is damaged: its SHA-256/,
    );
    assert.match(await messageOf(checkFiles(folder, [], ["model"])), /weights\.bin is damaged/);
    // What is not asked for is not read.
    await checkFiles(folder, [], ["record.json", "mod"]);
    await truncate(weights, 3);
    assert.match(
      await messageOf(checkFiles(folder, ["record.json"])),
      /weights\.bin is damaged: its SHA-256/,
    );
    await rm(weights);
    assert.match(
      await messageOf(checkFiles(folder, ["record.json"])),
      /weights\.bin is damaged: .* it is missing/,
    );
  }),
);

test(
  "a folder without checksums is taken as it is; damaged checksums are refused",
  inFolder(async (folder) => {
    await writeResult(folder);
    const sums = path.join(folder, "SHA256SUMS");
    const text = await readFile(sums, "utf8");
    const cut = text.slice(0, text.indexOf("record") - 66);
    for (const damaged of [text.slice(0, -3), text.replace("a", "b"), `${text}half`, cut, ""]) {
      await writeFile(sums, damaged);
      assert.match(await messageOf(checkFiles(folder, ["record.json"])), /is damaged/, damaged);
    }
    await rm(sums);
    await checkFiles(folder, ["record.json"]);
  }),
);

test(
  "checksums from a stranger name no file outside their folder, and no pipe",
  inFolder(async (folder) => {
    const zeros = "0".repeat(64);
    const sums = path.join(folder, "SHA256SUMS");
    for (const name of ["../secret", "/etc/passwd", "a/../../secret", ".", "a//b", "a\\..\\b"]) {
      await writeFile(sums, `${zeros}  ${name}\n`);
      assert.match(
        await messageOf(checkFiles(folder, [])),
        /SHA256SUMS is damaged: it has a line/,
        name,
      );
    }
    await symlink("/dev/zero", path.join(folder, "endless"));
    await writeFile(sums, `${zeros}  endless\n`);
    assert.match(await messageOf(checkFiles(folder, [])), /endless is a link to a file outside/);
    await run("mkfifo", [path.join(folder, "pipe")]);
    await writeFile(sums, `${zeros}  pipe\n`);
    assert.match(await messageOf(checkFiles(folder, [])), /pipe is damaged/);
  }),
);

test.run();
