/** What the columns of a table are called where it comes from. */
export interface ColumnNames {
  /** D names, in the order of the features. */
  features: string[];
  target: string;
}
