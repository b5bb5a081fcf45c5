import type { OnProgress } from "../../common/progress.js";

/** Statistics of a column, computed in float64. */
export interface ColumnStatistics {
  name: string;
  count: number;
  mean: number;
  /** Sample variance (n − 1 in the denominator); NaN for a single row. */
  variance: number;
  minimum: number;
  maximum: number;
}

/** What one streamed pass found of the rows, in float64. */
export interface Statistics {
  rows: number;
  features: ColumnStatistics[];
  target: ColumnStatistics;
  /**
   * The sample covariance (n − 1 in the denominator) of every two columns, the target last;
   * (D + 1) × (D + 1). On request.
   */
  covariance?: number[][];
}

/** Options of `statistics`. */
export interface StatisticsOptions {
  /** Whether to compute the covariance of every two columns too. Default false. */
  covariance?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
