/** The names of a table's columns in its source. */
export interface ColumnNames {
  /** D names, in the order of the features. */
  features: string[];
  target: string;
}

/** The names of a shard's columns: x0 … x(D−1) and y. */
export function shardColumns(features: number): string[] {
  return [...Array.from({ length: features }, (_, feature) => `x${feature}`), "y"];
}
