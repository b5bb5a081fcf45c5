import { DataType, Message, type Field } from "apache-arrow";
import { Footer } from "apache-arrow/ipc/metadata/file";
import { failure } from "../common/errors.js";
import type { RandomAccessFile, ShardReader } from "./shard-reader.js";

const MAGIC = "ARROW1";
/** Footer length (int32) and magic at the end of the file. */
const TAIL_BYTES = 4 + MAGIC.length;
/** Larger footers than this are not vadi's: a shard has at most some hundred record batches. */
const FOOTER_BYTES = 64 * 1024 * 1024;

interface BatchPlace {
  firstRow: number;
  rows: number;
  /** Positions of the values in the file. */
  x: number;
  y: number;
}

function isFloat32(field: Field | undefined): boolean {
  return field !== undefined && DataType.isFloat(field.type) && field.type.precision === 1;
}

function readFooter(file: RandomAccessFile): Footer {
  const { path, size } = file;
  if (size < TAIL_BYTES + 8) throw failure(`${path} is too short to be an Arrow file.`);
  const tail = file.read(size - TAIL_BYTES, TAIL_BYTES);
  if (Buffer.from(tail.subarray(4)).toString("latin1") !== MAGIC) {
    throw failure(`${path} is not a whole Arrow file: it does not end with ${MAGIC}.`);
  }
  const length = new DataView(tail.buffer).getInt32(0, true);
  if (length <= 0 || length > Math.min(FOOTER_BYTES, size - TAIL_BYTES)) {
    throw failure(`${path} is damaged: its footer cannot be ${length} bytes long.`);
  }
  return Footer.decode(file.read(size - TAIL_BYTES - length, length));
}

function checkSchema(file: RandomAccessFile, footer: Footer, features: number): void {
  const [x, y, ...others] = footer.schema.fields;
  const isX =
    x?.name === "x" &&
    DataType.isFixedSizeList(x.type) &&
    x.type.listSize === features &&
    isFloat32(x.type.children[0]);
  if (!isX || y?.name !== "y" || !isFloat32(y) || others.length > 0) {
    throw failure(
      `${file.path} has other columns than its manifest says: expected x, FixedSizeList(${features}) of Float32, and y, Float32.`,
    );
  }
}

/** Finds every record batch's values in the file. Rows are then read straight from their place. */
export function readArrowIndex(
  file: RandomAccessFile,
  features: number,
): Pick<ShardReader, "rows" | "read"> {
  const footer = readFooter(file);
  checkSchema(file, footer, features);
  const places: BatchPlace[] = [];
  let total = 0;
  for (const block of footer.recordBatches()) {
    // The message's own length stands before it: a continuation marker and an int32.
    const message = Message.decode(file.read(block.offset + 8, block.metaDataLength - 8));
    if (!message.isRecordBatch())
      throw failure(`${file.path} is damaged: a record batch is missing.`);
    const header = message.header();
    const rows = header.length;
    if (header.compression !== null || header.nodes.some((node) => node.nullCount > 0)) {
      throw failure(`${file.path} has compressed or missing values, which vadi does not write.`);
    }
    // Buffers: validity of x, validity and values of its items, validity and values of y.
    const [, , xValues, , yValues] = header.buffers;
    const body = block.offset + block.metaDataLength;
    const x = body + (xValues?.offset ?? 0);
    const y = body + (yValues?.offset ?? 0);
    if (
      !(rows >= 0) ||
      (xValues?.length ?? 0) < rows * features * 4 ||
      (yValues?.length ?? 0) < rows * 4 ||
      x + rows * features * 4 > file.size ||
      y + rows * 4 > file.size
    ) {
      throw failure(`${file.path} is damaged: a record batch of ${rows} rows has too few bytes.`);
    }
    places.push({ firstRow: total, rows, x, y });
    total += rows;
  }
  return {
    rows: total,
    async read(first, rows, target, at) {
      for (const place of places) {
        const from = Math.max(first, place.firstRow);
        const to = Math.min(first + rows, place.firstRow + place.rows);
        if (from >= to) continue;
        const skip = from - place.firstRow;
        const put = at + from - first;
        file.readInto(
          bytesOf(target.x, put * features, (to - from) * features),
          place.x + skip * features * 4,
        );
        file.readInto(bytesOf(target.y, put, to - from), place.y + skip * 4);
      }
    },
  };
}

function bytesOf(values: Float32Array, from: number, count: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset + from * 4, count * 4);
}
