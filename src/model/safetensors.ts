/** One tensor of a safetensors file. */
export interface NamedTensor {
  name: string;
  shape: readonly number[];
  /** Row-major. */
  values: Float32Array;
}

/** The header is padded to a multiple of this, so that the numbers can be mapped into memory. */
const ALIGNMENT = 8;

/**
 * Tensors as a safetensors file (version 0.3 of the format): the header's length as a 64-bit little-endian
 * integer, the header in JSON, then the tensors' float32 numbers, little-endian.
 *
 * @param metadata strings for the header
 */
export function safetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let bytes = 0;
  const described = tensors.map(({ name, shape, values }): [string, object] => {
    const from = bytes;
    bytes += values.byteLength;
    return [name, { dtype: "F32", shape, data_offsets: [from, bytes] }];
  });
  const json = JSON.stringify(Object.fromEntries([["__metadata__", metadata], ...described]));
  const length = Math.ceil(Buffer.byteLength(json) / ALIGNMENT) * ALIGNMENT;
  const file = Buffer.alloc(8 + length + bytes, " ");
  file.writeBigUInt64LE(BigInt(length));
  file.write(json, 8);
  let at = 8 + length;
  for (const { values } of tensors) {
    for (const value of values) at = file.writeFloatLE(value, at);
  }
  return file;
}
