import { closeSync, openSync, readSync } from "node:fs";
import { failure, messageOf, usageError, VadiError } from "../../common/errors.js";
import type { SourceFormat } from "../reading/file-format.js";
import { findDialect, namedOptions, numberArguments } from "./csv-dialect.js";
import { checkedColumns, wholeColumns } from "./csv-whole-numbers.js";
import { checkFields, isUndivided } from "./csv-fields.js";
import { identifier, literal, literals, type Database } from "./database.js";
import {
  classifyText,
  findTextOptions,
  numbersTakenForText,
  type CsvOptions,
} from "./text-columns.js";
import type { SqlColumn } from "./types.js";

/** The files of a source: one table in a format that DuckDB reads. */
export interface SqlSource {
  format: SourceFormat;
  /** Absolute; of a database one. */
  files: readonly string[];
  /** The table of a database: its name, perhaps with a schema before it. */
  table?: string;
}

/** The view `source` of a database. */
export interface SourceView {
  columns: SqlColumn[];
  /** How CSV files are read: what the user gave, and what was found, but for a found encoding. */
  csvOptions: CsvOptions;
  /** Sentences about how the files are read. */
  notes: string[];
}

/** How often text columns are searched again for numbers. */
const MOST_ROUNDS = 3;

/** Names of compressed text files. */
const COMPRESSED = /\.(?:gz|zst)$/i;

/** Rows in which text columns are searched for numbers. */
const SAMPLE_ROWS = 20_000;

/**
 * Makes the view `source` of some files, and then forbids the database every other file.
 *
 * @param expected columns that the view shall have: those that the files lack are null, those of another type
 *   are cast
 * @throws a failure in DuckDB's words where the files cannot be read
 */
export async function createSourceView(
  database: Database,
  source: SqlSource,
  csvOptions: CsvOptions = {},
  expected: readonly SqlColumn[] = [],
  signal?: AbortSignal,
): Promise<SourceView> {
  const { format, files } = source;
  if (format !== "csv" && Object.keys(csvOptions).length > 0) {
    throw usageError(
      (option) => `${option("csvOption")} is for CSV files, which ${files[0]} is not.`,
    );
  }
  if (format === "duckdb" || format === "sqlite") await attach(database, source);
  if (format === "arrow") {
    const { copyArrowFiles } = await import("./arrow-table.js");
    await copyArrowFiles(database, files, signal);
  }
  const view =
    format === "csv"
      ? await csvView(database, source, csvOptions)
      : await otherView(database, source);
  await conform(database, view, expected);
  await database.run(`SET allowed_paths = ${literals(format === "arrow" ? [] : files)}`);
  await database.run("SET enable_external_access = false");
  return { columns: view.columns, csvOptions: view.csvOptions, notes: view.notes };
}

interface View extends SourceView {
  /** The query of the view. */
  from: string;
}

/** Gives the view the columns of earlier files. */
async function conform(
  database: Database,
  { from, columns }: View,
  expected: readonly SqlColumn[],
): Promise<void> {
  const types = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type] as const));
  const absent: string[] = [];
  const cast: string[] = [];
  for (const { name, type } of expected) {
    const found = types.get(name.toLowerCase());
    if (found === undefined) absent.push(`CAST(NULL AS ${type}) AS ${identifier(name)}`);
    else if (found !== type)
      cast.push(`CAST(${identifier(name)} AS ${type}) AS ${identifier(name)}`);
  }
  if (absent.length === 0 && cast.length === 0) return;
  const all = cast.length === 0 ? "*" : `* REPLACE (${cast.join(", ")})`;
  await database.run(`CREATE VIEW files AS ${from}`);
  await database.run(
    `CREATE OR REPLACE VIEW source AS SELECT ${[all, ...absent].join(", ")} FROM files`,
  );
}

/** Opens a database file as the schema `file`. */
async function attach(database: Database, { format, files }: SqlSource): Promise<void> {
  const [file] = files;
  if (format === "sqlite") {
    try {
      await database.run("LOAD sqlite");
    } catch (error) {
      throw failure(
        `${file} is an SQLite database, which DuckDB reads by an extension that is not installed; install it once with INSTALL sqlite in DuckDB, or export the table as CSV with sqlite3 -csv -header.`,
        error,
      );
    }
  }
  const type = format === "sqlite" ? "TYPE sqlite, " : "";
  await database.run(`ATTACH ${literal(file!)} AS file (${type}READ_ONLY)`);
}

async function otherView(database: Database, source: SqlSource): Promise<View> {
  const from = `FROM ${await relationOf(database, source)}`;
  await database.run(`CREATE OR REPLACE VIEW source AS ${from}`);
  return { from, columns: await describe(database, "source"), csvOptions: {}, notes: [] };
}

async function relationOf(
  database: Database,
  { format, files, table }: SqlSource,
): Promise<string> {
  if (format === "parquet") return `read_parquet(${literals(files)})`;
  if (format === "arrow") return (await import("./arrow-table.js")).ARROW_TABLE;
  if (format === "json") return `read_json(${literals(files)})`;
  const tables = (
    await database.rows(
      "SELECT schema_name AS s, table_name AS t FROM (SELECT database_name, schema_name, table_name FROM duckdb_tables() UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal) WHERE database_name = 'file' ORDER BY ALL",
    )
  ).map(({ s, t }) => ({ schema: String(s), name: String(t) }));
  const names = tables.map(({ schema, name }) => (schema === "main" ? name : `${schema}.${name}`));
  const at = table === undefined ? (names.length === 1 ? 0 : -1) : names.indexOf(table);
  const found = tables[at];
  if (found === undefined) {
    const has = names.length === 0 ? "it has none" : `it has ${names.slice(0, 12).join(", ")}`;
    throw usageError(
      table === undefined
        ? `Name the table of ${files[0]} after a #, as in ${files[0]}#TABLE: ${has}.`
        : `${files[0]} has no table ${table}: ${has}.`,
    );
  }
  return `file.${identifier(found.schema)}.${identifier(found.name)}`;
}

/** A view of CSV files, with the options that make numbers of its text columns. */
async function csvView(database: Database, { files }: SqlSource, given: CsvOptions): Promise<View> {
  const notes: string[] = [];
  const encoding = given["encoding"] === undefined ? encodingOf(files[0]!) : undefined;
  const options: Record<string, string | readonly string[]> = {
    ...(encoding !== undefined && { encoding }),
    ...given,
  };
  if (encoding !== undefined) notes.push(`${files[0]} is read with encoding=${encoding}.`);
  let numeric: readonly string[] = [];
  const create = (): Promise<void> =>
    database.run(`CREATE OR REPLACE VIEW source AS FROM ${readCsv(files, options, numeric)}`);
  const sameFields = (): Promise<void> =>
    checkFields(database, files[0]!, headerOf(files[0]!), options);
  try {
    await create();
  } catch (error) {
    if (error instanceof VadiError && error.message.includes("Error when sniffing")) {
      await sameFields();
    }
    throw error;
  }
  const first = await describe(database, "source");
  if (isUndivided(first)) await sameFields();
  if (given["header"] === undefined) {
    checkHeader(files[0]!, first);
    await checkTwice(database, files[0]!, first, options);
  }
  const dialect = await findDialect(database, files[0]!, options);
  const { delim } = dialect;
  // What is found of one column shows others in a new light: where a comma divides decimals, 2.000 is text.
  let columns = first;
  let samples = await sampleTexts(database, columns);
  const createAgain = async (): Promise<void> => {
    await create();
    columns = await describe(database, "source");
    samples = await sampleTexts(database, columns);
  };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = findTextOptions(samples, { ...options, delim });
    if (Object.keys(found.options).length === 0) break;
    Object.assign(options, { delim }, found.options);
    notes.push(...found.notes);
    await createAgain();
  }
  numeric = numbersTakenForText(samples, options);
  if (numeric.length > 0) await createAgain();
  const whole = await wholeColumns(database, columns, options);
  const isFixed = files.length === 1 && notes.length === 0 && samples.length === 0;
  const fixed = isFixed ? numberArguments(dialect, columns, whole) : undefined;
  const read =
    fixed === undefined
      ? readCsv(files, options, [...numeric, ...whole])
      : `read_csv(${[literals(files), ...namedOptions(options), ...fixed].join(", ")})`;
  const from = `SELECT ${checkedColumns(files[0]!, whole)} FROM ${read}`;
  if (whole.length > 0 || fixed !== undefined) {
    await database.run(`CREATE OR REPLACE VIEW source AS ${from}`);
  }
  const texts = new Map(samples.map(({ name, values }) => [name, classifyText(values, options)]));
  return {
    from,
    columns: columns.map((column) => {
      const text = texts.get(column.name);
      return { ...column, ...(text && { text }) };
    }),
    csvOptions: encoding === undefined ? options : withoutEncoding(options),
    notes,
  };
}

function withoutEncoding(options: CsvOptions): CsvOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== "encoding"));
}

/** @param numeric columns that are numbers whatever DuckDB finds */
function readCsv(
  files: readonly string[],
  options: CsvOptions,
  numeric: readonly string[] = [],
): string {
  const given = namedOptions(options);
  // Columns of further files are found by their names.
  const union = files.length > 1 ? ["union_by_name = true"] : [];
  const types = numeric.map((name) => `${literal(name)}: 'DOUBLE'`);
  const typed = types.length === 0 ? [] : [`types = {${types.join(", ")}}`];
  return `read_csv(${[literals(files), ...union, ...given, ...typed].join(", ")})`;
}

/** Throws where the first line was taken for data. */
function checkHeader(file: string, columns: readonly SqlColumn[]): void {
  if (!columns.every(({ name }, at) => new RegExp(`^column0*${at}$`).test(name))) return;
  throw failure(
    (option) =>
      `${file} has no header line; name the columns in its first line, or say so with ${option("csvOption")} header=false, which names them column0, column1 and so on.`,
  );
}

/** Throws where two columns of the header have one name; DuckDB names the second a_1. */
async function checkTwice(
  database: Database,
  file: string,
  columns: readonly SqlColumn[],
  options: CsvOptions,
): Promise<void> {
  const names = columns.map(({ name }) => name.toLowerCase());
  const isRenamed = names.some((name) => {
    const base = /^(.*)_\d+$/.exec(name)?.[1];
    return base !== undefined && names.includes(base);
  });
  if (!isRenamed) return;
  const { delim } = await findDialect(database, file, options);
  const read = { ...options, delim, header: "false", all_varchar: "true" };
  const [header = {}] = await database.rows(`FROM ${readCsv([file], read)} LIMIT 1`);
  const found = Object.values(header).map((value) => String(value).trim().toLowerCase());
  const twice = found.find((name, at) => found.indexOf(name) !== at);
  if (twice === undefined) return;
  throw failure(
    `${file} has two columns ${columns[found.indexOf(twice)]?.name ?? twice}; give one of them another name in its header line.`,
  );
}

async function describe(database: Database, relation: string): Promise<SqlColumn[]> {
  const rows = await database.rows(`DESCRIBE ${relation}`);
  return rows.map((row) => ({
    name: String(row["column_name"]),
    type: String(row["column_type"]),
  }));
}

/** The values of the text columns in the first rows. */
async function sampleTexts(
  database: Database,
  columns: readonly SqlColumn[],
): Promise<{ name: string; values: string[] }[]> {
  const texts = columns.filter(({ type }) => type === "VARCHAR").map(({ name }) => name);
  if (texts.length === 0) return [];
  const rows = await database.rows(
    `SELECT ${texts.map((name, at) => `${identifier(name)} AS c${at}`).join(", ")} FROM source LIMIT ${SAMPLE_ROWS}`,
  );
  return texts.map((name, at) => ({
    name,
    values: rows.flatMap((row) => (row[`c${at}`] === null ? [] : [String(row[`c${at}`])])),
  }));
}

/** The encoding of a file that is not UTF-8, for DuckDB; undefined for UTF-8 and compressed files. */
function encodingOf(file: string): string | undefined {
  if (COMPRESSED.test(file)) return undefined;
  const start = startOf(file);
  const [first, second] = start;
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) {
    throw failure(
      `${file} is big-endian UTF-16, which DuckDB does not read; write it as UTF-8, for instance with iconv -f UTF-16 -t UTF-8.`,
    );
  }
  if ((first === 0xff && second === 0xfe) || start.includes(0)) return "utf-16";
  try {
    // A character that the end cuts is no fault.
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: true });
    return undefined;
  } catch {
    return "latin-1";
  }
}

/** The first line of a file; empty where it is compressed. */
function headerOf(file: string): string {
  if (COMPRESSED.test(file)) return "";
  return new TextDecoder("latin1").decode(startOf(file)).split(/[\r\n]/, 1)[0]!;
}

/** The first bytes of a file. */
function startOf(file: string): Uint8Array {
  const bytes = new Uint8Array(64 * 1024);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    return bytes.subarray(0, readSync(descriptor, bytes));
  } catch (error) {
    throw failure(`Could not read ${file}: ${messageOf(error)}.`, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
