import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** An approximate eigenvalue, and its eigenvector in a basis. */
export interface RitzPair {
  value: number;
  vector: number[];
}

/** The eigenpairs of a symmetric matrix, given by its lower triangle row by row, ascending. */
export function ritzPairs(triangle: readonly (readonly number[])[]): RitzPair[] {
  const size = triangle.length;
  const matrix = Matrix.zeros(size, size);
  for (const [row, values] of triangle.entries()) {
    for (const [column, value] of values.entries()) {
      matrix.set(row, column, value);
      matrix.set(column, row, value);
    }
  }
  const eigen = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  return eigen.realEigenvalues.map((value, at) => ({
    value,
    vector: eigen.eigenvectorMatrix.getColumn(at),
  }));
}
