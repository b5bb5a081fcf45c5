import {
  parquetMetadataAsync,
  parquetSchema,
  type FileMetaData,
  type SchemaElement,
  type SchemaTree,
} from "hyparquet";
import { failure, messageOf, VadiError } from "../../common/errors.js";
import { decodeColumn } from "./column.js";
import type { RandomAccessFile } from "../format/types.js";
import type { NumberType } from "../format/number-type.js";
import type { DecodedColumn } from "../format/decoded-block.js";
import type { ForeignColumn, ForeignFile } from "../format/foreign-file.js";

/** Footers of more than this are refused: a footer takes ten times its size in memory. */
const FOOTER_BYTES = 256 * 1024 * 1024;
/** Every whole number up to this is a float32. */
const EXACT_INTEGER = 2 ** 24;

/**
 * parquet-cpp before Arrow 3.0 compressed data pages of version 2 and said in their headers that they
 * are not (ARROW-10353); from then on it is called parquet-cpp-arrow.
 */
const EARLY_CPP = /^parquet-cpp version 1\./;

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
  const isEarlyCpp = EARLY_CPP.test(metadata.created_by ?? "");
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
          decoded.push(await decodeColumn(opened, meta, child, from, to, tree, isEarlyCpp));
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
    return { name, type: "nested", numeric: false, numberType: "float64", exact: false };
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
    numberType: isDecimal ? "float64" : isHalf ? "float32" : numberTypeOf(element),
    exact: isHalf || isDecimal || hasExactIntegers(element, metadata, leaf),
  };
}

function numberTypeOf({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): NumberType {
  if (type === "FLOAT") return "float32";
  if (type !== "INT32" && type !== "INT64") return "float64";
  const [, unsigned, width] = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? "") ?? [];
  const bits = width ?? (logical?.type === "INTEGER" ? logical.bitWidth : type.slice(3));
  const isUnsigned =
    width === undefined ? logical?.type === "INTEGER" && !logical.isSigned : unsigned === "U";
  return `${isUnsigned ? "uint" : "int"}${bits}` as NumberType;
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
