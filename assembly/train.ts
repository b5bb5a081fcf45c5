// The mean squared error of a dense network and its gradient in every weight, by backpropagation
// (Rumelhart, Hinton and Williams 1986), a tile of rows at a time.
//
// Within a tile everything lies unit by unit: `tile` numbers of one unit side by side, so that four
// rows fill a vector whatever the widths of the layers are, and no weight needs a place of its own in
// a vector. A tile's activations stay in the first cache; a unit's gradient takes the place of its
// activation as soon as nobody asks for that any more.
//
// Products are summed in float32 over a tile, tiles in float64. Nothing here depends on how rows are
// divided among threads: the caller divides them, and adds the sums of the parts in one order. Only
// instructions whose result WebAssembly fixes to the bit are used, so none of relaxed SIMD.

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

// A layer's entry in the table: seven numbers of 4 bytes.
const LAYER_BYTES: usize = 28;
// Its activation's number, as the caller writes it.
const RELU: i32 = 1;

// What becomes of a product before it is stored.
const KEEP: i32 = 0;
const RECTIFY: i32 = 1;
const MASK: i32 = 2;

// @ts-ignore: decorator
@inline
function finish(sum: v128, at: usize, purpose: i32): void {
  const zero = f32x4.splat(0);
  // pmax keeps a sum that is not a number.
  if (purpose == RECTIFY) sum = f32x4.pmax(sum, zero);
  else if (purpose == MASK) sum = v128.and(sum, f32x4.gt(v128.load(at), zero));
  v128.store(at, sum);
}

/** sum + value · weight, each rounded. */
// @ts-ignore: decorator
@inline
function addProduct(sum: v128, value: v128, weight: v128): v128 {
  return f32x4.add(sum, f32x4.mul(value, weight));
}

/**
 * outputs = weightsᵀ · inputs over a tile, plus the bias (0 for none), unit by unit: registers hold
 * four units of eight rows. `weights` as `pack` lays them; `MASK` keeps a product where `target` held
 * a positive number.
 */
function multiply(
  input: usize, inputs: i32, weights: usize, outputs: i32, bias: usize, target: usize,
  rowBytes: usize, pitch: usize, purpose: i32,
): void {
  const zero = f32x4.splat(0);
  let unit: i32 = 0;
  for (; unit + 4 <= outputs; unit += 4) {
    const column = weights + <usize>unit * <usize>inputs * 4;
    let b0 = zero, b1 = zero, b2 = zero, b3 = zero;
    if (bias != 0) {
      const at = bias + <usize>unit * 4;
      b0 = v128.load32_splat(at);
      b1 = v128.load32_splat(at, 4);
      b2 = v128.load32_splat(at, 8);
      b3 = v128.load32_splat(at, 12);
    }
    for (let row: usize = 0; row < rowBytes; row += 32) {
      let a0 = b0, a1 = b1, a2 = b2, a3 = b3;
      let c0 = b0, c1 = b1, c2 = b2, c3 = b3;
      let from = input + row;
      let w = column;
      for (let k: i32 = 0; k < inputs; k++) {
        const x0 = v128.load(from);
        const x1 = v128.load(from, 16);
        const w0 = v128.load32_splat(w);
        a0 = addProduct(a0, x0, w0);
        c0 = addProduct(c0, x1, w0);
        const w1 = v128.load32_splat(w, 4);
        a1 = addProduct(a1, x0, w1);
        c1 = addProduct(c1, x1, w1);
        const w2 = v128.load32_splat(w, 8);
        a2 = addProduct(a2, x0, w2);
        c2 = addProduct(c2, x1, w2);
        const w3 = v128.load32_splat(w, 12);
        a3 = addProduct(a3, x0, w3);
        c3 = addProduct(c3, x1, w3);
        from += pitch;
        w += 16;
      }
      let at = target + <usize>unit * pitch + row;
      finish(a0, at, purpose);
      finish(c0, at + 16, purpose);
      at += pitch;
      finish(a1, at, purpose);
      finish(c1, at + 16, purpose);
      at += pitch;
      finish(a2, at, purpose);
      finish(c2, at + 16, purpose);
      at += pitch;
      finish(a3, at, purpose);
      finish(c3, at + 16, purpose);
    }
  }
  for (; unit < outputs; unit++) {
    const column = weights + <usize>unit * <usize>inputs * 4;
    const b = bias == 0 ? zero : v128.load32_splat(bias + <usize>unit * 4);
    for (let row: usize = 0; row < rowBytes; row += 64) {
      let a0 = b, a1 = b, a2 = b, a3 = b;
      let from = input + row;
      let w = column;
      for (let k: i32 = 0; k < inputs; k++) {
        const w0 = v128.load32_splat(w);
        a0 = addProduct(a0, v128.load(from), w0);
        a1 = addProduct(a1, v128.load(from, 16), w0);
        a2 = addProduct(a2, v128.load(from, 32), w0);
        a3 = addProduct(a3, v128.load(from, 48), w0);
        from += pitch;
        w += 4;
      }
      const at = target + <usize>unit * pitch + row;
      finish(a0, at, purpose);
      finish(a1, at + 16, purpose);
      finish(a2, at + 32, purpose);
      finish(a3, at + 48, purpose);
    }
  }
}

/** The sums of the lanes of four vectors, side by side. */
// @ts-ignore: decorator
@inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  const cd = f32x4.add(
    i8x16.shuffle(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  return f32x4.add(
    i8x16.shuffle(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
    i8x16.shuffle(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
  );
}

/** Adds four float32 to four float64 that lie side by side. */
// @ts-ignore: decorator
@inline
function addFour(at: usize, values: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(values)));
  const high = i8x16.shuffle(values, values, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(high)), 16);
}

// @ts-ignore: decorator
@inline
function addLane(at: usize, value: f32): void {
  store<f64>(at, load<f64>(at) + <f64>value);
}

/**
 * Adds inputs · deltasᵀ, summed over a tile's rows, to `sums` (inputs × outputs, float64):
 * registers hold two inputs by four outputs, or four inputs by one of the outputs that are left.
 */
function addOuterProducts(
  input: usize, inputs: i32, deltas: usize, outputs: i32, sums: usize, rowBytes: usize, pitch: usize,
): void {
  const stride: usize = <usize>outputs * 8;
  const zero = f32x4.splat(0);
  let unit: i32 = 0;
  for (; unit + 4 <= outputs; unit += 4) {
    const delta = deltas + <usize>unit * pitch;
    let k: i32 = 0;
    for (; k + 2 <= inputs; k += 2) {
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
      let b0 = zero, b1 = zero, b2 = zero, b3 = zero;
      let from = input + <usize>k * pitch;
      let from2 = from + pitch;
      let d0 = delta;
      let d1 = d0 + pitch;
      let d2 = d1 + pitch;
      let d3 = d2 + pitch;
      const end = from + rowBytes;
      while (from < end) {
        const x0 = v128.load(from);
        const x1 = v128.load(from2);
        const v0 = v128.load(d0);
        a0 = addProduct(a0, x0, v0);
        b0 = addProduct(b0, x1, v0);
        const v1 = v128.load(d1);
        a1 = addProduct(a1, x0, v1);
        b1 = addProduct(b1, x1, v1);
        const v2 = v128.load(d2);
        a2 = addProduct(a2, x0, v2);
        b2 = addProduct(b2, x1, v2);
        const v3 = v128.load(d3);
        a3 = addProduct(a3, x0, v3);
        b3 = addProduct(b3, x1, v3);
        from += 16;
        from2 += 16;
        d0 += 16;
        d1 += 16;
        d2 += 16;
        d3 += 16;
      }
      const at = sums + <usize>k * stride + <usize>unit * 8;
      addFour(at, laneSums(a0, a1, a2, a3));
      addFour(at + stride, laneSums(b0, b1, b2, b3));
    }
    if (k < inputs) {
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
      const from = input + <usize>k * pitch;
      for (let row: usize = 0; row < rowBytes; row += 16) {
        const x0 = v128.load(from + row);
        const d = delta + row;
        a0 = addProduct(a0, x0, v128.load(d));
        a1 = addProduct(a1, x0, v128.load(d + pitch));
        a2 = addProduct(a2, x0, v128.load(d + pitch * 2));
        a3 = addProduct(a3, x0, v128.load(d + pitch * 3));
      }
      addFour(sums + <usize>k * stride + <usize>unit * 8, laneSums(a0, a1, a2, a3));
    }
  }
  for (; unit < outputs; unit++) {
    const delta = deltas + <usize>unit * pitch;
    let at = sums + <usize>unit * 8;
    let k: i32 = 0;
    for (; k + 4 <= inputs; k += 4) {
      let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
      const from = input + <usize>k * pitch;
      for (let row: usize = 0; row < rowBytes; row += 16) {
        const d = v128.load(delta + row);
        const x = from + row;
        a0 = addProduct(a0, v128.load(x), d);
        a1 = addProduct(a1, v128.load(x + pitch), d);
        a2 = addProduct(a2, v128.load(x + pitch * 2), d);
        a3 = addProduct(a3, v128.load(x + pitch * 3), d);
      }
      const four = laneSums(a0, a1, a2, a3);
      addLane(at, f32x4.extract_lane(four, 0));
      addLane(at + stride, f32x4.extract_lane(four, 1));
      addLane(at + stride * 2, f32x4.extract_lane(four, 2));
      addLane(at + stride * 3, f32x4.extract_lane(four, 3));
      at += stride * 4;
    }
    for (; k < inputs; k++) {
      let a0 = zero;
      const from = input + <usize>k * pitch;
      for (let row: usize = 0; row < rowBytes; row += 16) {
        a0 = addProduct(a0, v128.load(from + row), v128.load(delta + row));
      }
      addLane(at, f32x4.extract_lane(laneSums(a0, zero, zero, zero), 0));
      at += stride;
    }
  }
}

/** Adds each output's deltas, summed over a tile's rows, to `sums` (outputs, float64). */
function addRowSums(deltas: usize, outputs: i32, sums: usize, rowBytes: usize, pitch: usize): void {
  const zero = f32x4.splat(0);
  for (let unit: i32 = 0; unit < outputs; unit++) {
    const delta = deltas + <usize>unit * pitch;
    let sum = zero;
    for (let row: usize = 0; row < rowBytes; row += 16) sum = f32x4.add(sum, v128.load(delta + row));
    addLane(sums + <usize>unit * 8, f32x4.extract_lane(laneSums(sum, zero, zero, zero), 0));
  }
}

/** Four features of four rows, turned so that four rows of a feature lie side by side. */
// @ts-ignore: decorator
@inline
function turnFour(from: usize, rowStride: usize, target: usize, pitch: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + rowStride);
  const c = v128.load(from + rowStride * 2);
  const d = v128.load(from + rowStride * 3);
  const ab = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const ab2 = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const cd = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const cd2 = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  v128.store(target, i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(
    target + pitch,
    i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  v128.store(
    target + pitch * 2,
    i8x16.shuffle(ab2, cd2, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
  );
  v128.store(
    target + pitch * 3,
    i8x16.shuffle(ab2, cd2, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
}

/** Turns rows × features into features × tile; rows that are missing up to `padded` become zero. */
function turn(x: usize, rows: i32, padded: i32, features: i32, target: usize, pitch: usize): void {
  const rowStride: usize = <usize>features * 4;
  let row: i32 = 0;
  if (features >= 4) {
    for (; row + 4 <= rows; row += 4) {
      const from = x + <usize>row * rowStride;
      const to = target + <usize>row * 4;
      let feature: i32 = 0;
      for (; feature + 4 <= features; feature += 4) {
        turnFour(from + <usize>feature * 4, rowStride, to + <usize>feature * pitch, pitch);
      }
      if (feature < features) {
        // The last four: some of them for the second time.
        feature = features - 4;
        turnFour(from + <usize>feature * 4, rowStride, to + <usize>feature * pitch, pitch);
      }
    }
  }
  for (let feature: i32 = 0; feature < features; feature++) {
    const to = target + <usize>feature * pitch;
    let from = x + <usize>row * rowStride + <usize>feature * 4;
    for (let at = row; at < rows; at++) {
      store<f32>(to + <usize>at * 4, load<f32>(from));
      from += rowStride;
    }
    for (let at = rows; at < padded; at++) store<f32>(to + <usize>at * 4, 0);
  }
}

/**
 * The network's outputs of a tile, from the turned input at `activations`.
 *
 * @returns where the last layer's output lies
 */
function forward(layers: usize, count: i32, activations: usize, rowBytes: usize, pitch: usize): usize {
  let input = activations;
  for (let index: i32 = 0; index < count; index++) {
    const layer = layers + <usize>index * LAYER_BYTES;
    const inputs = load<i32>(layer);
    const target = input + <usize>inputs * pitch;
    multiply(
      input, inputs, load<u32>(layer, 12), load<i32>(layer, 4), load<u32>(layer, 20), target,
      rowBytes, pitch, load<i32>(layer, 8) == RELU ? RECTIFY : KEEP,
    );
    input = target;
  }
  return input;
}

/**
 * Lays weights in the order in which a product asks for them: four outputs side by side, input after
 * input; then one by one the outputs that are left.
 *
 * from: the weight of input k and output j is at k · inputStride + j · outputStride bytes.
 */
export function pack(
  from: usize, inputs: i32, outputs: i32, inputStride: usize, outputStride: usize, target: usize,
): void {
  let to = target;
  for (let unit: i32 = 0; unit < outputs;) {
    const width: i32 = unit + 4 <= outputs ? 4 : 1;
    for (let k: i32 = 0; k < inputs; k++) {
      let at = from + <usize>k * inputStride + <usize>unit * outputStride;
      for (let lane: i32 = 0; lane < width; lane++) {
        store<f32>(to, load<f32>(at));
        at += outputStride;
        to += 4;
      }
    }
    unit += width;
  }
}

/** Adds the `count` float64 of each part, part after part, to `total`. `count` is even. */
export function addParts(parts: usize, number: i32, count: i32, total: usize): void {
  const bytes: usize = <usize>count * 8;
  for (let part: i32 = 0; part < number; part++) {
    const from = parts + <usize>part * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(total + at, f64x2.add(v128.load(total + at), v128.load(from + at)));
    }
  }
}

/**
 * Adds the squared errors of some rows to the first number of `sums`, and the gradients of half
 * their sum in every weight and bias to those after it, at the places that the table gives.
 *
 * layers: an entry a layer: inputs, outputs, activation (0 none, 1 ReLU), address of the packed
 * weights, address of their packed transpose, address of the bias or 0, place of the layer's
 * gradients in `sums` (inputs × outputs, then the bias's); the last layer has one output and no
 * activation. x: rows × features; y: rows; tile: rows at a time, a multiple of 16; activations: room
 * for `tile` numbers of every feature and unit; sums: float64.
 */
export function addGradients(
  layers: usize, count: i32, x: usize, y: usize, rows: i32, tile: i32, activations: usize, sums: usize,
): void {
  const features = load<i32>(layers);
  const pitch: usize = <usize>tile * 4;
  for (let first: i32 = 0; first < rows; first += tile) {
    const own = min(tile, rows - first);
    const padded = (own + 15) & ~15;
    const rowBytes: usize = <usize>padded * 4;
    turn(x + <usize>first * <usize>features * 4, own, padded, features, activations, pitch);
    const output = forward(layers, count, activations, rowBytes, pitch);

    // Prediction − target takes the prediction's place.
    const targets = y + <usize>first * 4;
    let errors = f64x2.splat(0);
    for (let row: i32 = own; row < padded; row++) store<f32>(output + <usize>row * 4, 0);
    let row: i32 = 0;
    for (; row + 4 <= own; row += 4) {
      const at = output + <usize>row * 4;
      const residual = f32x4.sub(v128.load(at), v128.load(targets + <usize>row * 4));
      v128.store(at, residual);
      const low = f64x2.promote_low_f32x4(residual);
      const high = f64x2.promote_low_f32x4(
        i8x16.shuffle(residual, residual, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
      );
      errors = f64x2.add(errors, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
    }
    let loss = f64x2.extract_lane(errors, 0) + f64x2.extract_lane(errors, 1);
    for (; row < own; row++) {
      const at = output + <usize>row * 4;
      const residual = load<f32>(at) - load<f32>(targets + <usize>row * 4);
      store<f32>(at, residual);
      loss += <f64>residual * <f64>residual;
    }
    store<f64>(sums, load<f64>(sums) + loss);

    let deltas = output;
    for (let index: i32 = count - 1; index >= 0; index--) {
      const layer = layers + <usize>index * LAYER_BYTES;
      const inputs = load<i32>(layer);
      const outputs = load<i32>(layer, 4);
      const input = deltas - <usize>inputs * pitch;
      const place = sums + <usize>load<u32>(layer, 24) * 8;
      addOuterProducts(input, inputs, deltas, outputs, place, rowBytes, pitch);
      if (load<u32>(layer, 20) != 0) {
        addRowSums(deltas, outputs, place + <usize>inputs * <usize>outputs * 8, rowBytes, pitch);
      }
      if (index > 0) {
        const before = load<i32>(layer - LAYER_BYTES, 8);
        multiply(
          deltas, outputs, load<u32>(layer, 16), inputs, 0, input,
          rowBytes, pitch, before == RELU ? MASK : KEEP,
        );
      }
      deltas = input;
    }
  }
}
