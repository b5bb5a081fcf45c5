import type { OnProgress } from "../../common/progress.js";

/** What one streamed pass tells of a column, computed in float64. */
export interface ColumnStatistics {
  name: string;
  count: number;
  mean: number;
  /** Sample variance (n − 1 in the denominator); NaN for a single row. */
  variance: number;
  minimum: number;
  maximum: number;
}

export interface Statistics {
  rows: number;
  features: ColumnStatistics[];
  target: ColumnStatistics;
  /**
   * On request: the sample covariance (n − 1 in the denominator) of every two columns, the target
   * last; (D + 1) × (D + 1).
   */
  covariance?: number[][];
}

/** What a pass over a table's rows is asked for. */
export interface StatisticsOptions {
  /** The covariance of every two columns as well. Default false. */
  covariance?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
