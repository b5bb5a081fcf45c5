import type { DatasetTable, Table } from "../dataset/open-table.js";
import { shardColumns } from "../format/columns.js";
import { chooseColumns, type ChosenOptions } from "./choose-columns.js";

/** A dataset as a table of other columns than its own features and target. */
export function selectColumns(table: DatasetTable, options: ChosenOptions): Table {
  const { columns, manifest } = table;
  const all = [...columns.features, columns.target];
  const facts = {
    file: table.path,
    columns: all.map((name) => ({
      name,
      type: "float32",
      numeric: true,
      numberType: "float32" as const,
      exact: true,
    })),
  };
  const target = options.target ?? columns.target;
  const { columns: wanted } = chooseColumns([facts], { ...options, target });
  const names = [...wanted.features, wanted.target];
  if (names.length === all.length && names.every((name, index) => name === all[index])) {
    return table;
  }
  const inShards = shardColumns(columns.features.length);
  const places = new Map(all.map((name, index) => [name, index]));
  const read = names.map((name) => inShards[places.get(name)!]!);
  const features = wanted.features.length;
  return {
    ...table,
    features,
    columns: wanted,
    manifest: {
      kind: "foreign",
      rows: table.rows,
      dropped: 0,
      features,
      format: manifest.format,
      columns: wanted,
      shards: manifest.shards,
    },
    shards: table.shards.map((shard) => ({
      ...shard,
      features,
      foreign: { columns: read, invalid: "error" },
    })),
  };
}
