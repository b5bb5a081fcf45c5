import type { Float64Rows } from "../types.js";

/**
 * Rows as objects, by the names of their columns.
 *
 * @param names the features', then the target's
 * @yields an object a row
 */
export async function* recordsOf(
  parts: AsyncIterable<Float64Rows>,
  names: readonly string[],
): AsyncGenerator<Record<string, number>, void, void> {
  const features = names.length - 1;
  // A column may be called __proto__: only as a property that an object has already it can be set like any other.
  const empty = Object.fromEntries(names.map((name) => [name, 0]));
  for await (const { x, y, rows } of parts) {
    for (let row = 0; row < rows; row++) {
      const record = { ...empty };
      for (let column = 0; column < features; column++) {
        record[names[column]!] = x[row * features + column]!;
      }
      record[names[features]!] = y[row]!;
      yield record;
    }
  }
}
