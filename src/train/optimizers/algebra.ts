/**
 * Arithmetic on the numbers of one parameter, element by element in float32: on tensors of a backend
 * or on plain arrays. An optimiser's equations are written once, in these operations. An
 * operand may be a number or hold a single number, which then goes with every element of the other.
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
