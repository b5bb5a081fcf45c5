import { usageError } from "../../../common/errors.js";
import { formatCount, plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { formatBytes } from "../../../common/text/sizes.js";
import { describeTable, isDataset, type TableDescription } from "../../../storage/index.js";
import { describeOptions, tableOptions } from "../../../storage/options.js";
import type { Dataset, Statistics } from "../../../stream/index.js";
import {
  defineCommand,
  type Command,
  type CommandContext,
  type CommandResult,
} from "../../parse/command.js";
import { count, text } from "../../../common/options/kinds.js";
import {
  flag,
  pickOptions,
  required,
  withDefault,
  type GivenOptions,
} from "../../../common/options/options.js";
import { facts, table } from "../../terminal/output.js";
import { isReady, nextCommand, tableFacts, tableText } from "./inspect-table.js";
import { openGiven } from "./open-given.js";

/** Columns of a table that fit a terminal. */
const SHOWN_COLUMNS = 7;

/** Names of columns that fit a line. */
const SHOWN_NAMES = 12;

interface Row {
  x: number[];
  y: number;
}

/** The columns as they lie in the files. */
function schemaOf(dataset: Dataset): { name: string; type: string }[] {
  if (dataset.manifest.kind === "foreign") {
    return [...dataset.featureNames, dataset.targetName].map((name, at) => {
      const type = dataset.columnTypes[at]!;
      return { name, type: type.charAt(0).toUpperCase() + type.slice(1) };
    });
  }
  if (dataset.format === "arrow") {
    const type = `FixedSizeList<Float32>[${dataset.features}]`;
    return [
      { name: "x", type },
      { name: dataset.targetName, type: "Float32" },
    ];
  }
  return [...dataset.featureNames, dataset.targetName].map((name) => ({ name, type: "FLOAT" }));
}

async function headOf(dataset: Dataset, rows: number): Promise<Row[]> {
  if (rows === 0) return [];
  const width = dataset.features;
  const head: Row[] = [];
  for await (const part of dataset.float64Rows({ rows })) {
    for (let row = 0; row < part.rows; row++) {
      const x = Array.from(part.x.subarray(row * width, (row + 1) * width));
      head.push({ x, y: part.y[row]! });
    }
  }
  return head;
}

/** Names of columns on one line. */
function namesText(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).join(", ");
  return names.length > SHOWN_NAMES ? `${shown}, … (${names.length})` : shown;
}

function headText(dataset: Dataset, head: readonly Row[]): string[] {
  if (head.length === 0) return [];
  const shown = Math.min(dataset.features, SHOWN_COLUMNS);
  const more = dataset.features > shown;
  const headings = [
    ...dataset.featureNames.slice(0, shown),
    ...(more ? ["…"] : []),
    dataset.targetName,
  ];
  const rows = head.map(({ x, y }) => [
    ...x.slice(0, shown).map((value) => value.toFixed(4)),
    ...(more ? ["…"] : []),
    y.toFixed(4),
  ]);
  return [
    "",
    head.length === 1 ? "First row" : `First ${head.length} rows`,
    ...table(headings, rows),
  ];
}

/** A number with as many digits as distinguish it from one a standard deviation away. */
function numberBeside(value: number, deviation: number): string {
  const digits = Math.ceil(Math.log10(Math.abs(value) / deviation)) + 4;
  return digits > 6 ? String(Number(value.toPrecision(Math.min(17, digits)))) : plainNumber(value);
}

function statisticsText(statistics: Statistics | undefined): string[] {
  if (statistics === undefined) return [];
  const rows = [...statistics.features, statistics.target].map((column) => {
    const { mean, minimum, maximum } = column;
    const deviation = Math.sqrt(column.variance);
    const values = [mean, minimum, maximum].map((value) => numberBeside(value, deviation));
    return [column.name, values[0]!, plainNumber(deviation), values[1]!, values[2]!];
  });
  const headings = ["column", "mean", "standard deviation", "minimum", "maximum"];
  return [
    "",
    `Statistics of ${statistics.rows === 1 ? "the one row" : `all ${formatCount(statistics.rows)} rows`}`,
    ...table(headings, rows),
  ];
}

const inspectOptions = {
  ...tableOptions,
  csvOption: describeOptions.csvOption,
  // More rows than that nobody reads; the loader is for more.
  rows: withDefault(count(0, 100_000), 5, "First rows to show"),
  statistics: flag("Mean, standard deviation, minimum and maximum of every column"),
};

export const inspectCommand: Command = defineCommand({
  name: "inspect",
  describe: "Show what a dataset is, its first rows and its statistics",
  positionals: { dataset: required(text, "Folder of the dataset, or a table: file or pattern") },
  options: inspectOptions,
  examples: [
    { command: "vadi inspect data/lsm", describe: "What is it?" },
    {
      command: "vadi inspect houses.csv --target price",
      describe: "A table of another program: its columns, and what convert makes of them",
    },
    { command: "vadi inspect data/lsm --statistics", describe: "One pass over all rows" },
  ],
  async run(values, context) {
    const { signal, onProgress } = context;
    const described = await describeForeign(values, context);
    if (described !== undefined && !isOpened(described, values)) {
      return describedOnly(described, values, context);
    }
    const dataset = await openGiven(values.dataset, values, context);
    const { manifest } = dataset;
    const head = await headOf(dataset, values.rows ?? inspectOptions.rows.default);
    const statistics = values.statistics
      ? await dataset.statistics({ signal, onProgress })
      : undefined;
    return {
      json: {
        ...(described !== undefined && { table: described }),
        manifest,
        fingerprint: dataset.fingerprint,
        schema: schemaOf(dataset),
        head,
        ...(statistics !== undefined && { statistics }),
      },
      ...(statistics !== undefined && { rows: statistics.rows }),
      text: [
        values.dataset,
        ...facts(factsOf(dataset)),
        ...(described === undefined ? [] : tableText(described)),
        ...headText(dataset, head),
        ...statisticsText(statistics),
        ...queryText(dataset),
      ],
    };
  },
});

type Values = GivenOptions<typeof inspectOptions> & { dataset: string };

/** What a table of another program has; undefined for a dataset. */
async function describeForeign(
  values: Values,
  { signal }: CommandContext,
): Promise<TableDescription | undefined> {
  if (isDataset(values.dataset)) return undefined;
  return describeTable(values.dataset, { ...pickOptions(describeOptions, values), signal });
}

/** Whether the rows of a table are shown as training would read them. */
function isOpened(described: TableDescription, values: Values): boolean {
  const { target, features, statistics, invalid } = values;
  if (statistics === true || features !== undefined) return true;
  return isReady(described, target ?? "y", invalid === "drop");
}

function describedOnly(
  described: TableDescription,
  { dataset: source, target }: Values,
  { note }: CommandContext,
): CommandResult {
  const names = described.columns.map(({ name }) => name);
  if (target !== undefined && !names.includes(target)) {
    throw usageError(`${source} has no column ${target} for --target: it has ${namesText(names)}.`);
  }
  for (const sentence of described.notes) note(sentence);
  return {
    json: { table: described },
    rows: described.rows,
    text: [source, ...tableFacts(described), ...tableText(described)],
    next: `Next: ${nextCommand(source, described, target)}`,
  };
}

/** The query that made a dataset's rows. */
function queryText({ manifest }: Dataset): string[] {
  const query = manifest.kind === "table" ? manifest.source.query : undefined;
  return query === undefined
    ? []
    : ["", "Made by the query", ...query.split("\n").map((line) => `  ${line}`)];
}

/** What a dataset is, as names and values. */
function factsOf(dataset: Dataset): [name: string, value: string][] {
  const { manifest } = dataset;
  const bytes = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const files = counted(manifest.shards.length, `${dataset.format} file`);
  const lines: [name: string, value: string][] = [
    ["kind", manifest.kind],
    ["rows", `${formatCount(dataset.rows)} × ${counted(dataset.features, "feature")} and a target`],
    ["files", `${files}, ${formatBytes(bytes)}`],
  ];
  if ("noise" in manifest) {
    lines.push(["noise", `${manifest.noise}`], ["seed", `${manifest.seed}`]);
  } else {
    lines.push(["target", dataset.targetName], ["features", namesText(dataset.featureNames)]);
  }
  if (manifest.kind === "two-layer-sigmoid") {
    lines.push(["maxima", manifest.constants.maxima.join(", ")]);
  }
  if (manifest.kind !== "foreign") {
    lines.push(["made by", `${manifest.generator.name} ${manifest.generator.version}`]);
  }
  return [...lines, ["fingerprint", dataset.fingerprint]];
}
