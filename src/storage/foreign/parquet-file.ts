import {
  parquetMetadataAsync,
  parquetSchema,
  type ColumnMetaData,
  type FileMetaData,
  type SchemaElement,
  type SchemaTree,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import type { RandomAccessFile } from "../shard-reader.js";
import type { DecodedColumn, ForeignColumn, ForeignFile } from "./types.js";

/** A page of more values than any writer makes would claim memory that the file does not justify. */
const PAGE_VALUES = 2 ** 24;
/** A page this large, or larger only where its compressed bytes can hold it. */
const PAGE_BYTES = 16 * 1024 * 1024;
const LARGEST_RATIO = 1024;
const LARGEST_PAGE = 1024 * 1024 * 1024;
/** A page's header with its statistics. */
const HEADER_BYTES = 16 * 1024;
/** Footers of more than this are refused: a footer takes ten times its size in memory. */
const FOOTER_BYTES = 256 * 1024 * 1024;
/** Every whole number up to this is a float32. */
const EXACT_INTEGER = 2 ** 24;

type Decoded = ReturnType<typeof convert>;

/** The bytes of a file's footer, checked against its size. */
export function parquetFooter(file: RandomAccessFile): Uint8Array {
  const { path, size } = file;
  const magic = size < 12 ? "" : Buffer.from(file.read(size - 4, 4)).toString("latin1");
  if (magic === "PARE") throw failure(`${path} is encrypted Parquet, which vadi cannot read.`);
  if (magic !== "PAR1") {
    throw failure(`${path} is not a whole Parquet file: it does not end with PAR1.`);
  }
  const length = new DataView(file.read(size - 8, 4).buffer).getUint32(0, true);
  if (length > Math.min(FOOTER_BYTES, size - 12)) {
    throw failure(`${path} is damaged: its footer cannot be ${length} bytes long.`);
  }
  return file.read(size - 8 - length, length);
}

/** Opens a foreign Parquet file: its footer is read and checked. */
export async function openParquetFile(file: RandomAccessFile): Promise<ForeignFile> {
  const { path, size } = file;
  parquetFooter(file);
  let metadata: FileMetaData;
  let tree: SchemaTree;
  try {
    metadata = await parquetMetadataAsync({
      byteLength: size,
      slice: async (start, end = size) => {
        const from = start < 0 ? size + start : start;
        return file.read(from, end - from).buffer;
      },
    });
    tree = parquetSchema(metadata);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} is damaged: its footer cannot be read (${messageOf(error)}).`, error);
  }
  // Leaves in the order of a row group's columns.
  const leaves = leavesOf(tree);
  const groups = metadata.row_groups.map((group, index) => {
    const rows = Number(group.num_rows);
    if (!Number.isSafeInteger(rows) || rows < 0 || group.columns.length !== leaves.length) {
      throw failure(
        `${path} is damaged: row group ${index} claims ${rows} rows in ${group.columns.length} columns.`,
      );
    }
    return rows;
  });
  // A nested column of one leaf or many is one column for people.
  const tops = tree.children.map((child) => ({
    child,
    leaf: leaves.findIndex(({ path: [top] }) => top === child.element.name),
  }));
  return {
    columns: tops.map(({ child, leaf }) => describeColumn(child, metadata, leaf)),
    groups,
    entries: groups.length * leaves.length * 10,
    async decode(opened, group, from, to, columns) {
      const decoded: DecodedColumn[] = [];
      for (const column of columns) {
        const { child, leaf } = tops[column]!;
        const { meta_data: meta, file_path: elsewhere } =
          metadata.row_groups[group]!.columns[leaf] ?? {};
        const where = `column ${child.element.name} in row group ${group} of ${path}`;
        if (elsewhere !== undefined && elsewhere !== "") {
          throw failure(`${where} is said to lie in another file, which vadi does not open.`);
        }
        if (meta === undefined) throw failure(`${path} is damaged: ${where} is not described.`);
        try {
          decoded.push(decodeColumn(opened, meta, child, from, to, tree));
        } catch (error) {
          if (error instanceof VadiError) throw error;
          throw failure(`Could not read ${where}: ${messageOf(error)}.`, error);
        }
      }
      return decoded;
    },
  };
}

function leavesOf(tree: SchemaTree): SchemaTree[] {
  return tree.children.flatMap((child) =>
    child.children.length === 0 ? [child] : leavesOf(child),
  );
}

const NUMBERS: ReadonlySet<string | undefined> = new Set(["FLOAT", "DOUBLE", "INT32", "INT64"]);
const INTEGERS = /^U?INT_(8|16|32|64)$/;

function describeColumn(tree: SchemaTree, metadata: FileMetaData, leaf: number): ForeignColumn {
  const { element } = tree;
  const { name, type, converted_type: converted, logical_type: logical } = element;
  if (tree.children.length > 0 || element.repetition_type === "REPEATED") {
    return { name, type: "nested", numeric: false, exact: false };
  }
  const meaning = converted ?? logical?.type;
  const isHalf = logical?.type === "FLOAT16";
  const isDecimal = meaning === "DECIMAL";
  const numeric =
    isHalf ||
    isDecimal ||
    (NUMBERS.has(type) &&
      (meaning === undefined || meaning === "INTEGER" || INTEGERS.test(meaning)));
  return {
    name,
    type: meaning === undefined ? (type ?? "unknown") : `${type} (${meaning})`,
    numeric,
    exact: isHalf || isDecimal || hasExactIntegers(element, metadata, leaf),
  };
}

/** Whether a column has no integers, or its statistics say that all of them are float32 numbers. */
function hasExactIntegers(element: SchemaElement, metadata: FileMetaData, leaf: number): boolean {
  const { type, converted_type: converted } = element;
  if (type !== "INT32" && type !== "INT64") return true;
  if (converted !== undefined && /^U?INT_(8|16)$/.test(converted)) return true;
  return metadata.row_groups.every((group) => {
    const statistics = group.columns[leaf]?.meta_data?.statistics;
    const least = Number(statistics?.min_value ?? statistics?.min ?? NaN);
    const most = Number(statistics?.max_value ?? statistics?.max ?? NaN);
    return least >= -EXACT_INTEGER && most <= EXACT_INTEGER;
  });
}

/** Reads and decodes the pages of a column chunk that hold rows from … to−1; others are passed over. */
function decodeColumn(
  file: RandomAccessFile,
  meta: ColumnMetaData,
  leaf: SchemaTree,
  from: number,
  to: number,
  root: SchemaTree,
): DecodedColumn {
  const { element } = leaf;
  const { type } = element;
  if (type === undefined || meta.type !== type) {
    throw new Error(`it is ${meta.type}, but the schema says ${type}`);
  }
  const first = Number(meta.data_page_offset);
  const dictionaryAt = Number(meta.dictionary_page_offset ?? 0);
  const start = dictionaryAt > 0 ? Math.min(first, dictionaryAt) : first;
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end > start && end <= file.size)) {
    throw failure(`${file.path} is damaged: it names bytes outside itself.`);
  }
  const decoder = {
    pathInSchema: leaf.path,
    type,
    element,
    schemaPath: [root, leaf],
    codec: meta.codec,
    parsers: DEFAULT_PARSERS,
    compressors,
  };
  const isSingle = type === "FLOAT" || element.logical_type?.type === "FLOAT16";
  const values = isSingle ? new Float32Array(to - from) : new Float64Array(to - from);
  let missing: Uint8Array | undefined;
  let dictionary: Decoded | undefined;
  let row = 0;
  for (let place = start; place < end && row < to;) {
    const view = new DataView(file.read(place, Math.min(HEADER_BYTES, end - place)).buffer);
    const reader = { view, offset: 0 };
    const header = parquetHeader(reader);
    const count = Number(
      header.data_page_header?.num_values ??
        header.data_page_header_v2?.num_values ??
        header.dictionary_page_header?.num_values ??
        0,
    );
    const packed = Number(header.compressed_page_size);
    const unpacked = Number(header.uncompressed_page_size);
    const body = place + reader.offset;
    place = body + packed;
    if (!(packed >= 0 && place <= end)) throw new Error("a page is cut");
    if (!(count >= 0 && count <= PAGE_VALUES)) {
      throw new Error(`a page of ${count} values is larger than vadi reads (${PAGE_VALUES})`);
    }
    if (!(unpacked >= 0 && unpacked <= LARGEST_PAGE)) {
      throw new Error(`a page cannot have ${unpacked} bytes`);
    }
    if (unpacked > Math.max(PAGE_BYTES, packed * LARGEST_RATIO)) {
      throw new Error(`a page of ${packed} bytes cannot hold ${unpacked}`);
    }
    const isData = header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2";
    if (!isData && header.type !== "DICTIONARY_PAGE") continue;
    if (isData && row + count <= from) {
      row += count;
      continue;
    }
    const page = file.read(body, packed);
    const pageReader = { view: new DataView(page.buffer), offset: 0 };
    const { data } = readPage(pageReader, header, decoder, dictionary, undefined, 0);
    if (data === undefined) throw new Error("a page has no values");
    if (!isData) {
      dictionary = convert(data, decoder);
      continue;
    }
    if (data.length !== count) throw new Error("a page has another number of values than it says");
    const begin = Math.max(from, row);
    const stop = Math.min(to, row + count);
    missing = putValues(data, begin - row, stop - begin, values, begin - from, missing);
    row += count;
  }
  if (row < to) throw new Error("it has too few values for its rows");
  const nulls = missing;
  return {
    values,
    ...(nulls && {
      describe: (at: number) => (nulls[at] === 1 ? "missing (null)" : "not a number"),
    }),
  };
}

/** Copies a page's values; those that are missing become NaN and are marked. */
function putValues(
  page: ArrayLike<unknown>,
  from: number,
  count: number,
  values: Float32Array | Float64Array,
  at: number,
  marks: Uint8Array | undefined,
): Uint8Array | undefined {
  if (
    page instanceof Float32Array ||
    page instanceof Float64Array ||
    page instanceof Int32Array ||
    page instanceof Uint8Array
  ) {
    values.set(page.subarray(from, from + count), at);
    return marks;
  }
  let missing = marks;
  for (let index = 0; index < count; index++) {
    const value = page[from + index];
    if (typeof value === "number") values[at + index] = value;
    else if (typeof value === "bigint") values[at + index] = Number(value);
    else {
      missing ??= new Uint8Array(values.length);
      missing[at + index] = 1;
      values[at + index] = NaN;
    }
  }
  return missing;
}
