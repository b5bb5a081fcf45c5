/** 10 to this power is still exact in float64, so that a quotient by it is rounded once. */
const EXACT_POWERS = 22;

/**
 * A decimal as the nearest float64: unscaled · 10^−scale, correctly rounded.
 *
 * @param scale digits behind the point; negative for trailing zeros before it
 */
export function decimalToNumber(unscaled: bigint | number, scale: number): number {
  const rounded = Number(unscaled);
  if (scale === 0) return rounded;
  if (Number.isSafeInteger(rounded) && scale > 0 && scale <= EXACT_POWERS) {
    return rounded / 10 ** scale;
  }
  // Conversion from a string rounds correctly for any number of digits (ECMAScript, StringToNumber).
  return Number(`${unscaled}e${-scale}`);
}

/** An integer of any width in two's complement, most significant byte first. */
export function bigEndianInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}
