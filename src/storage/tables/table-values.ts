/** A column of a result table. */
export interface TableColumn {
  name: string;
  type: "INT32" | "INT64" | "DOUBLE";
}

/** The numbers of each column by name; all columns have the same length. */
export type TableValues = Readonly<Record<string, ArrayLike<number>>>;

/** The numbers of a column. */
export function columnOf(values: TableValues, column: TableColumn | undefined): ArrayLike<number> {
  const numbers = column === undefined ? undefined : values[column.name];
  if (numbers === undefined) throw new Error(`A table has no values for column ${column?.name}`);
  return numbers;
}
