/** The most bytes that were asked for at once since the last call of `takeLargest`. */
let largest = 0;

/** Returns the largest request so far, and starts anew. */
export function takeLargest(): number {
  const taken = largest;
  largest = 0;
  return taken;
}

type Construct = new (...given: never[]) => object;

/**
 * Watches how much memory this thread asks for at once. A request for memory that is never touched costs nothing,
 * and does not show in what the system says of the process.
 */
export function watchAllocations(): void {
  const watched = (original: Construct, bytesEach: number): Construct => {
    const proxy: Construct = new Proxy(original, {
      construct(target, given: never[], newTarget) {
        const [length] = given as unknown[];
        if (typeof length === "number") largest = Math.max(largest, length * bytesEach);
        return Reflect.construct(target, given, newTarget as Construct);
      },
    });
    // So that `values.constructor === Float32Array` stays true.
    (original as unknown as { prototype: { constructor: Construct } }).prototype.constructor =
      proxy;
    return proxy;
  };
  const scope = globalThis as unknown as Record<string, Construct & { BYTES_PER_ELEMENT: number }>;
  for (const name of ["ArrayBuffer", "SharedArrayBuffer"]) {
    scope[name] = watched(scope[name]!, 1) as never;
  }
  const types = ["Uint8", "Int8", "Uint16", "Int16", "Uint32", "Int32", "Float32", "Float64"];
  for (const type of [...types, "BigInt64", "BigUint64", "Uint8Clamped"]) {
    const original = scope[`${type}Array`]!;
    scope[`${type}Array`] = watched(original, original.BYTES_PER_ELEMENT) as never;
  }
  const buffers = Buffer as unknown as Record<string, (...given: unknown[]) => Buffer>;
  for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"]) {
    const original = buffers[name]!;
    buffers[name] = (length, ...rest) => {
      largest = Math.max(largest, Number(length));
      return original.call(Buffer, length, ...rest);
    };
  }
}
