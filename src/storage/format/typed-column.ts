import type { NumberType } from "./number-type.js";

/** A column's values in its type: an Int8Array for int8, a BigInt64Array for int64 and so on. */
export type TypedColumn =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** A column of a table whose columns have types of their own. */
export interface TypedField {
  name: string;
  type: NumberType;
}
