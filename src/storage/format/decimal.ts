/** Powers of ten that are float64 numbers exactly: a quotient by one of them is rounded once. */
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
  // The conversion from text rounds correctly, whatever the number of digits (ECMAScript, StringToNumber).
  return Number(`${unscaled}e${-scale}`);
}

/** An integer of any width in two's complement, most significant byte first. */
export function bigEndianInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}
