import { parquetMetadata, parquetSchema, type FileMetaData, type SchemaTree } from "hyparquet";
import { failure, reasonOf, VadiError } from "../../common/errors.js";
import type { ColumnReader, DecodedColumn, PlainColumn, TableFile } from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";
import { decodeColumn } from "./column.js";
import { checkThrift } from "./check-thrift.js";
import type { ColumnChunk } from "./column-chunk.js";
import { plainColumn } from "./plain-column.js";
import { describeColumn, leavesOf } from "./schema.js";

/** Larger footers are refused: a footer takes ten times its size in memory. */
const FOOTER_BYTES = 256 * 1024 * 1024;
/** The footer's length and PAR1, which end the file. */
const TAIL_BYTES = 8;

/** The bytes of a file's footer, whose length is checked against the file's size. */
export function readParquetFooter(file: RandomAccessFile): Uint8Array {
  const length = footerLength(file);
  return file.read(file.size - TAIL_BYTES - length, length);
}

function footerLength({ path, size, read }: RandomAccessFile): number {
  const magic = size < 12 ? "" : Buffer.from(read(size - 4, 4)).toString("latin1");
  if (magic === "PARE") throw failure(`${path} is encrypted Parquet, which vadi cannot read.`);
  if (magic !== "PAR1") {
    throw failure(`${path} is not a complete Parquet file: it does not end with PAR1.`);
  }
  const length = new DataView(read(size - TAIL_BYTES, 4).buffer).getUint32(0, true);
  if (length > Math.min(FOOTER_BYTES, size - 12)) {
    throw failure(`${path} is damaged: its footer cannot be ${length} bytes long.`);
  }
  return length;
}

/** Opens a Parquet file: reads and checks its footer. */
export function openParquetFile(file: RandomAccessFile): TableFile {
  const { path, size } = file;
  const footer = footerLength(file) + TAIL_BYTES;
  let metadata: FileMetaData;
  let tree: SchemaTree;
  try {
    const bytes = file.read(size - footer, footer);
    checkThrift(bytes);
    metadata = parquetMetadata(bytes);
    tree = parquetSchema(metadata);
  } catch (error) {
    if (error instanceof VadiError) throw error;
    throw failure(`${path} is damaged: its footer cannot be read (${reasonOf(error)}).`, error);
  }
  const leaves = leavesOf(tree);
  const groups = groupRows(path, metadata, leaves.length);
  // A nested column counts as one column, however many leaves it has.
  const columns = tree.children.map((child) => ({
    child,
    leaf: leaves.findIndex(({ path: [top] }) => top === child.element.name),
  }));
  return {
    columns: () => columns.map(({ child, leaf }) => describeColumn(child, metadata, leaf)),
    groups,
    entries: groups.length * leaves.length * 10,
    select: (wanted) =>
      createColumnReader(
        path,
        metadata,
        tree,
        wanted.map((column) => columns[column]!),
      ),
  };
}

function groupRows(path: string, metadata: FileMetaData, leaves: number): number[] {
  return metadata.row_groups.map(({ num_rows: claimed, columns }, index) => {
    const rows = Number(claimed);
    if (!Number.isSafeInteger(rows) || rows < 0 || columns.length !== leaves) {
      const claim = Number.isNaN(rows) ? "no number of" : rows;
      throw failure(
        `${path} is damaged: row group ${index} claims ${claim} rows in ${columns.length} columns.`,
      );
    }
    return rows;
  });
}

function createColumnReader(
  path: string,
  metadata: FileMetaData,
  root: SchemaTree,
  columns: readonly { child: SchemaTree; leaf: number }[],
): ColumnReader {
  const createdBy = metadata.created_by ?? "";

  /** The columns' chunks in a row group, and a name of each for errors. */
  const chunksOf = (group: number): { where: string; chunk: ColumnChunk }[] =>
    columns.map(({ child: leaf, leaf: index }) => {
      const where = `column ${leaf.element.name} in row group ${group} of ${path}`;
      const { num_rows: rows, columns: chunks } = metadata.row_groups[group]!;
      const { meta_data: meta, file_path: other } = chunks[index] ?? {};
      if (other !== undefined && other !== "") {
        throw failure(`${where} is said to lie in another file, which vadi does not open.`);
      }
      if (meta === undefined) throw failure(`${path} is damaged: ${where} is not described.`);
      return { where, chunk: { meta, leaf, root, rows: Number(rows), createdBy } };
    });

  return {
    plain(file, group) {
      const rows = Number(metadata.row_groups[group]!.num_rows);
      const plain: PlainColumn[] = [];
      for (const { where, chunk } of chunksOf(group)) {
        try {
          const column = plainColumn(file, chunk, rows);
          if (column === undefined) return undefined;
          plain.push(column);
        } catch (error) {
          throw notRead(where, error);
        }
      }
      return plain;
    },
    async decode(file, group, from, to) {
      const decoded: DecodedColumn[] = [];
      for (const { where, chunk } of chunksOf(group)) {
        try {
          decoded.push(await decodeColumn(file, chunk, from, to));
        } catch (error) {
          throw notRead(where, error);
        }
      }
      return decoded;
    },
  };
}

function notRead(where: string, error: unknown): VadiError {
  if (error instanceof VadiError) return error;
  return failure(`Could not read ${where}: ${reasonOf(error)}.`, error);
}
