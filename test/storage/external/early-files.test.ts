import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeVector, Table, tableToIPC } from "apache-arrow";
import { parquetMetadata } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { openDataset } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

/* Files as early versions of other programs wrote them. */

async function targetsOf(file: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { y } of (await openDataset(file)).float64Rows()) found.push(...y);
  return found;
}

/** A number as Thrift's compact protocol writes it: zigzag, then seven bits a byte. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = 2 * value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

/** The file whose last page says is_compressed = false, which makes its header a byte longer. */
function withFlag(bytes: Buffer): Buffer {
  // Encoding and two lengths of levels, all 0, and the end of the page header's version-2 part.
  const end = Buffer.from([0x15, 0, 0x15, 0, 0x15, 0, 0]);
  const at = bytes.lastIndexOf(end) + end.length - 1;
  const flagged = Buffer.concat([bytes.subarray(0, at), Buffer.of(0x12), bytes.subarray(at)]);
  const metadata = parquetMetadata(bytes.buffer.slice(0) as ArrayBuffer);
  const size = Number(metadata.row_groups.at(-1)!.columns[1]!.meta_data!.total_compressed_size);
  const place = flagged.lastIndexOf(Buffer.from(varint(size)));
  flagged.set(varint(size + 1), place);
  return flagged;
}

test(
  "data pages of version 2 of parquet-cpp 1.5, which are compressed and say that they are not",
  inFolder(async (folder) => {
    const values = Float64Array.from({ length: 5000 }, (_, row) => (row % 70) / 3);
    const columns = ["a", "y"];
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({
      writer,
      codec: "SNAPPY",
      createdBy: "parquet-cpp version 1.5.1-SNAPSHOT",
      schema: [
        { name: "root", num_children: 2 },
        ...columns.map((name) => ({ name, type: "DOUBLE", repetition_type: "REQUIRED" }) as const),
      ],
    });
    await parquet.write({
      columnData: columns.map((name) => ({ name, data: values, encoding: "PLAIN" })),
    });
    await parquet.finish();
    const bytes = new Uint8Array(writer.getBuffer());
    const file = path.join(folder, "plain.parquet");
    await writeFile(file, bytes);
    assert.equal(await targetsOf(file), [...values]);
    const early = path.join(folder, "flagged.parquet");
    await writeFile(early, withFlag(Buffer.from(bytes)));
    assert.equal(await targetsOf(early), [...values]);
  }),
);

test(
  "Arrow files of before version 0.15, whose messages have no marker before their length",
  inFolder(async (folder) => {
    const values = Float64Array.from({ length: 3000 }, (_, row) => row / 7);
    const vectors = { a: makeVector(values.slice()), y: makeVector(values) };
    const file = path.join(folder, "marked.arrow");
    await writeFile(file, tableToIPC(new Table(vectors), "file"));
    const bytes = await readFile(file);
    const length = bytes.readInt32LE(bytes.length - 10);
    let blocks = 0;
    // A block of the footer: where a message starts, the bytes before its body, and those of its body.
    for (let at = bytes.length - 10 - length; at + 24 <= bytes.length - 10; at++) {
      const offset = Number(bytes.readBigInt64LE(at));
      const before = bytes.readInt32LE(at + 8);
      if (offset < 8 || offset + 8 > bytes.length || bytes.readUInt32LE(offset) !== 0xffffffff)
        continue;
      if (before !== 8 + bytes.readInt32LE(offset + 4)) continue;
      // Without the marker a message starts with its length.
      bytes.writeUInt32LE(0, offset);
      bytes.writeBigInt64LE(BigInt(offset + 4), at);
      bytes.writeInt32LE(before - 4, at + 8);
      blocks++;
    }
    assert.is(blocks, 1);
    const early = path.join(folder, "without markers.arrow");
    await writeFile(early, bytes);
    assert.equal(await targetsOf(early), [...values]);
  }),
);

test.run();
