import { createHash } from "node:crypto";
import { existsSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, skip, suite } from "../helpers/test.js";
import { createFileWriter } from "../../src/files/file-writer.js";
import { fillRandomWords } from "../../src/generate/index.js";
import { inFolder } from "../helpers/folder.js";

const MEBIBYTE = 2 ** 20;
const words = new Uint32Array(5 * MEBIBYTE);
fillRandomWords(words, 1, 0, 0);
const content = new Uint8Array(words.buffer);

/** Writes the first bytes of `content` in pieces. */
async function writePieces(
  file: string,
  length: number,
  piece: number,
  isDrained: boolean,
  openForDirect?: () => number | undefined,
): Promise<{ bytes: number; sha256: string }> {
  const writer = createFileWriter(file, openForDirect);
  for (let done = 0; done < length; done += piece) {
    writer.put(content.subarray(done, Math.min(done + piece, length)));
    if (isDrained) await writer.drained();
  }
  return writer.finish();
}

const test = suite("file writer");

test(
  "files of every length and piece are what was put in, on disk and in memory",
  inFolder(async (folder) => {
    // A file system without blocks of its own, where the system has one.
    const memory = existsSync("/dev/shm") ? await mkdtemp("/dev/shm/vadi-test-") : undefined;
    try {
      for (const place of [folder, ...(memory === undefined ? [] : [memory])]) {
        const file = path.join(place, "file");
        // Longer than what comes now: nothing of it may be left.
        await writeFile(file, content);
        for (const length of [0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 17 * MEBIBYTE + 3]) {
          for (const [piece, isDrained] of [
            [length || 1, false],
            [300_007, true],
            [3 * MEBIBYTE, true],
            [999_999, false],
          ] as const) {
            const told = await writePieces(file, length, piece, isDrained);
            const expected = content.subarray(0, length);
            const what = `${length} bytes by ${piece} in ${place}`;
            assert.ok(Buffer.from(expected).equals(await readFile(file)), what);
            const sha256 = createHash("sha256").update(expected).digest("hex");
            assert.equal(told, { bytes: length, sha256 }, what);
          }
        }
      }
    } finally {
      if (memory !== undefined) await rm(memory, { recursive: true });
    }
  }),
);

/** A file of the system's that takes a small number and answers everything else with EINVAL. */
const REFUSING = "/proc/self/oom_score_adj";

test(
  "where writes past the cache are refused, as the file is opened or at the first of them, files are the same",
  inFolder(async (folder) => {
    const file = path.join(folder, "file");
    for (const length of [1, MEBIBYTE, 17 * MEBIBYTE + 3]) {
      const expected = content.subarray(0, length);
      const sha256 = createHash("sha256").update(expected).digest("hex");
      for (const [isDrained, piece] of [
        [true, 300_007],
        [false, 3 * MEBIBYTE],
      ] as const) {
        let opened = 0;
        const none = (): undefined => void opened++;
        const refusing = (): number => {
          opened++;
          return openSync(REFUSING, "w");
        };
        for (const open of existsSync(REFUSING) ? [none, refusing] : [none]) {
          opened = 0;
          const told = await writePieces(file, length, piece, isDrained, open);
          assert.ok(Buffer.from(expected).equals(await readFile(file)), `${length} by ${piece}`);
          assert.equal(told, { bytes: length, sha256 });
          assert.is(opened, length < MEBIBYTE ? 0 : 1, "it is asked once");
        }
      }
    }
  }),
);

test(
  "two files at once do not share what they are gathered in",
  inFolder(async (folder) => {
    const files = [0, 1].map((place) => path.join(folder, String(place)));
    const writers = files.map((file) => createFileWriter(file));
    const piece = 700_001;
    for (let done = 0; done < 12 * MEBIBYTE; done += piece) {
      for (const [place, writer] of writers.entries()) {
        writer.put(content.subarray(done + place, done + place + piece));
        await writer.drained();
      }
    }
    for (const [place, writer] of writers.entries()) {
      const { bytes } = await writer.finish();
      const found = await readFile(files[place]!);
      assert.is(bytes, found.length);
      for (let done = 0, at = 0; at < found.length; done += piece, at += piece) {
        const expected = content.subarray(done + place, done + place + piece);
        assert.ok(Buffer.from(expected).equals(found.subarray(at, at + piece)));
      }
    }
  }),
);

test("a full disk is told, whichever way the bytes go, and the file can be given up", async () => {
  if (!existsSync("/dev/full")) skip("there is no /dev/full");
  for (const [length, piece, isDrained] of [
    [1, 1, true],
    [3 * MEBIBYTE, 3 * MEBIBYTE, true],
    [17 * MEBIBYTE, 17 * MEBIBYTE, false],
  ] as const) {
    const writer = createFileWriter("/dev/full");
    let code: unknown;
    try {
      for (let done = 0; done < length; done += piece) {
        writer.put(content.subarray(done, done + piece));
        if (isDrained) await writer.drained();
      }
      await writer.finish();
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code;
    }
    assert.is(code, "ENOSPC", `${length} bytes`);
    await writer.abandon();
  }
});

test.run();
