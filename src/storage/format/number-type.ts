/** How a column's numbers are stored in a file. */
export type NumberType =
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float32"
  | "float64";

/** The narrowest type that holds every value of both; for integers of both signs beyond 32 bits, float64. */
export function commonType(one: NumberType, other: NumberType): NumberType {
  if (one === other) return one;
  const [a, b] = [parse(one), parse(other)];
  if (a.kind === "float" || b.kind === "float") {
    // float32 holds integers of 16 bits.
    const isNarrow = [a, b].every(({ kind, bits }) =>
      kind === "float" ? bits === 32 : bits <= 16,
    );
    return isNarrow ? "float32" : "float64";
  }
  if (a.kind === b.kind) return a.bits > b.bits ? one : other;
  const signed = a.kind === "int" ? a : b;
  const unsigned = a.kind === "int" ? b : a;
  const bits = Math.max(signed.bits, 2 * unsigned.bits);
  return bits > 64 ? "float64" : (`int${bits}` as NumberType);
}

function parse(type: NumberType): { kind: "int" | "uint" | "float"; bits: number } {
  const [, kind, bits] = /^(int|uint|float)(\d+)$/.exec(type)!;
  return { kind: kind as "int" | "uint" | "float", bits: Number(bits) };
}

/** Whether float32 does not hold every value of the type. */
export function exceedsFloat32(type: NumberType): boolean {
  return commonType(type, "float32") !== "float32";
}

/** Whether float64 does not hold every value of the type. */
export function exceedsFloat64(type: NumberType): boolean {
  return type === "int64" || type === "uint64";
}
