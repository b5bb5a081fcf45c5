// Transposes tables from rows to columns, for files that store a column for each feature.

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * Copies rows × D float32 to columns: feature j of the rows at `out + j·stride`. Neither address needs
 * to be a multiple of 4.
 */
export function transpose(x: usize, rows: u32, features: u32, out: usize, stride: usize): void {
  const rowBytes = <usize>features * 4;
  const wholeRows = rows & ~3;
  const wholeFeatures = features & ~3;
  for (let row: u32 = 0; row < wholeRows; row += 4) {
    let from = x + <usize>row * rowBytes;
    let to = out + <usize>row * 4;
    let feature: u32 = 0;
    for (; feature < wholeFeatures; feature += 4) {
      const r0 = v128.load(from);
      const r1 = v128.load(from + rowBytes);
      const r2 = v128.load(from + 2 * rowBytes);
      const r3 = v128.load(from + 3 * rowBytes);
      const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const c = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(a, c, 0, 2));
      v128.store(to + stride, v128.shuffle<i64>(a, c, 1, 3));
      v128.store(to + 2 * stride, v128.shuffle<i64>(b, d, 0, 2));
      v128.store(to + 3 * stride, v128.shuffle<i64>(b, d, 1, 3));
      from += 16;
      to += 4 * stride;
    }
    for (; feature < features; feature++) {
      store<u32>(to, load<u32>(from));
      store<u32>(to, load<u32>(from + rowBytes), 4);
      store<u32>(to, load<u32>(from + 2 * rowBytes), 8);
      store<u32>(to, load<u32>(from + 3 * rowBytes), 12);
      from += 4;
      to += stride;
    }
  }
  for (let row = wholeRows; row < rows; row++) {
    let from = x + <usize>row * rowBytes;
    let to = out + <usize>row * 4;
    for (let feature: u32 = 0; feature < features; feature++) {
      store<u32>(to, load<u32>(from));
      from += 4;
      to += stride;
    }
  }
}

/**
 * The least and the largest of each column's `rows` float32, NaN left out, as pairs at `out`:
 * (+∞, −∞) where a column has none.
 */
export function extremes(columns: usize, count: u32, rows: u32, stride: usize, out: usize): void {
  const wholeRows = rows & ~3;
  for (let column: u32 = 0; column < count; column++) {
    const at = columns + <usize>column * stride;
    let leastA = f32x4.splat(Infinity);
    let mostA = f32x4.splat(-Infinity);
    // pmin(a, b) is b < a ? b : a, so a NaN in b never counts.
    for (let row: u32 = 0; row < wholeRows; row += 4) {
      const values = v128.load(at + <usize>row * 4);
      leastA = f32x4.pmin(leastA, values);
      mostA = f32x4.pmax(mostA, values);
    }
    let least = min<f32>(
      min<f32>(f32x4.extract_lane(leastA, 0), f32x4.extract_lane(leastA, 1)),
      min<f32>(f32x4.extract_lane(leastA, 2), f32x4.extract_lane(leastA, 3)),
    );
    let most = max<f32>(
      max<f32>(f32x4.extract_lane(mostA, 0), f32x4.extract_lane(mostA, 1)),
      max<f32>(f32x4.extract_lane(mostA, 2), f32x4.extract_lane(mostA, 3)),
    );
    for (let row = wholeRows; row < rows; row++) {
      const value = load<f32>(at + <usize>row * 4);
      if (value < least) least = value;
      if (value > most) most = value;
    }
    store<f32>(out + <usize>column * 8, least);
    store<f32>(out + <usize>column * 8, most, 4);
  }
}
