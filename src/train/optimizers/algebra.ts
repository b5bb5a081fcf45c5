/**
 * Element-wise float32 arithmetic on the numbers of one parameter. An optimiser's equations are written once
 * in these operations, and each engine implements them: on tensors, on plain arrays, or as operations of
 * a graph. An operand may be a number or hold a single number, which is combined with every element of the
 * other.
 */
export interface Algebra<T> {
  add(a: T, b: T | number): T;
  multiply(a: T, b: T | number): T;
  divide(a: T | number, b: T | number): T;
  subtract(a: T, b: T | number): T;
  minimum(a: T, b: T | number): T;
  squareRoot(a: T): T;
  /** The sum of all elements, as a single number. */
  sum(a: T): T;
}
