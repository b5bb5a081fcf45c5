import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { checkPage } from "../../../src/storage/parquet/check-page.js";
import { checkThrift } from "../../../src/storage/parquet/check-thrift.js";
import { openShard, openSource, readTable, writeTable } from "../../../src/storage/index.js";
import { runSql } from "../duck.js";
import { assertRejects } from "../folders.js";

const folder = await mkdtemp(path.join(tmpdir(), "vadi-test-"));
test.after(() => rm(folder, { recursive: true }));

/** A number as Thrift and Parquet write it. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

const required = { levels: undefined, values: 0 };

test("runs that are longer than their page are refused before they are written out", () => {
  const page = (run: number): Parameters<typeof checkPage>[0] => ({
    // A width of 3 bits, a run, and its value.
    bytes: Uint8Array.from([3, ...varint(2 * run), 5]),
    encoding: "RLE_DICTIONARY",
    count: 100,
    ...required,
  });
  checkPage(page(100));
  assert.throws(() => checkPage(page(101)), /a run that is longer than itself/);
  assert.throws(() => checkPage(page(2 ** 31)), /a run that is longer than itself/);
  // Packed values without bits take no bytes, so that nothing else bounds them.
  const bytes = Uint8Array.from([0, ...varint(2 ** 28 + 1)]);
  assert.throws(() => checkPage({ ...page(1), bytes }), /a run that is longer than itself/);
  assert.throws(
    () => checkPage({ ...page(1), bytes: Uint8Array.from([77, 2, 0]) }),
    /an impossible width/,
  );
  // The levels that say which values are missing, with their length in front.
  const levels = Uint8Array.from([6, 0, 0, 0, ...varint(2 ** 35), 1]);
  assert.throws(
    () => checkPage({ bytes: levels, encoding: "PLAIN", count: 9, levels: 0, values: undefined }),
    /a run that is longer than itself/,
  );
});

test("blocks of differences that would be read for ever are refused", () => {
  const encoding = "DELTA_BINARY_PACKED";
  const page = (block: number, parts: number) => ({
    bytes: Uint8Array.from([...varint(block), ...varint(parts), 5, 0, 0, 0, 0, 0, 0]),
    encoding,
    count: 5,
    ...required,
  });
  checkPage(page(128, 4));
  // 2³² − 128 is −128 to hyparquet, which would go back in the page.
  for (const [block, parts] of [
    [2 ** 32 - 128, 4],
    [128, 0],
    [0, 4],
    [100, 4],
  ] as const) {
    assert.throws(() => checkPage(page(block, parts)), /blocks of an impossible length/);
  }
});

/** A struct with a list that claims a length. */
const list = (length: number): Uint8Array => Uint8Array.from([0x19, 0xf5, ...varint(length), 0]);

test("a footer with lists, texts or structs beyond its end is refused before memory is taken", () => {
  checkThrift(Uint8Array.from([0x19, 0x25, 2, 4, 0]));
  assert.throws(() => checkThrift(list(2 ** 25)), /one of its lists is longer/);
  assert.throws(() => checkThrift(list(2 ** 60)), /one of its lists is longer/);
  assert.throws(() => checkThrift(Uint8Array.from([0x18, ...varint(2 ** 40)])), /cut short/);
  assert.throws(() => checkThrift(new Uint8Array(5000).fill(0x1c)), /nested too deeply/);
  assert.throws(
    () => checkThrift(Uint8Array.from([0x16, ...Array.from({ length: 12 }, () => 255)])),
    /too long/,
  );
  assert.throws(() => checkThrift(Uint8Array.from([0x1f])), /no known type/);
});

test("a row group that claims 2⁶⁰ rows is refused, and costs no memory", async () => {
  const file = path.join(folder, "t.parquet");
  await runSql(`copy (select i % 3 as a, i / 2 as y from range(1000) t(i)) to '${file}'`);
  const whole = await readFile(file);
  // Its number of rows, 1000, in the footer: a varint of zigzag 2000, with the field's header.
  const at = whole.lastIndexOf(Buffer.from([0x16, 0xd0, 0x0f]));
  assert.ok(at > 0);
  const claim = [0x16, ...Array.from({ length: 8 }, () => 0x80), 0x20];
  const footer = whole.readUInt32LE(whole.length - 8) + claim.length - 3;
  const bytes = Buffer.concat([
    whole.subarray(0, at),
    Buffer.from(claim),
    whole.subarray(at + 3, -8),
    Buffer.from(Uint32Array.of(footer).buffer),
    Buffer.from("PAR1"),
  ]);
  await writeFile(file, bytes);
  const before = process.resourceUsage().maxRSS;
  await assertRejects(
    (async () => {
      const { shards } = await openSource(file);
      const reader = await openShard(shards[0]!);
      reader.close();
    })(),
    "failed",
    /t\.parquet/,
  );
  await assertRejects(readTable(file, [{ name: "a", type: "INT64" }]), "failed", /t\.parquet/);
  assert.ok(process.resourceUsage().maxRSS - before < 100 * 1024, "it takes memory");
});

test("a result table of another form is refused with its name", async () => {
  const file = path.join(folder, "result.parquet");
  const columns = [{ name: "step", type: "INT64" }] as const;
  await writeTable(file, columns, { step: [1, 2, 2 ** 40] });
  assert.equal([...(await readTable(file, columns))["step"]!], [1, 2, 2 ** 40]);
  await assertRejects(
    readTable(file, [{ name: "loss", type: "DOUBLE" }]),
    "failed",
    /result\.parquet has no column loss\./,
  );
  await writeFile(file, "PAR1 and more PAR1");
  await assertRejects(
    readTable(file, columns, "the history "),
    "failed",
    /Could not read the history/,
  );
});

test.run();
