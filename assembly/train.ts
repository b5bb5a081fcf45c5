import { activate, differentiate, RELU, SIGMOID, TANH } from "./train-activations";
import {
  addOuterProducts,
  addRowSums,
  KEEP,
  MASK,
  multiply,
  RECTIFY,
  SCALE,
} from "./train-products";

// The mean squared error of a dense network and its gradient in every weight, by backpropagation
// (Rumelhart, Hinton and Williams 1986), a tile of rows at a time.
//
// Within a tile the `tile` numbers of one unit are contiguous, so that four rows fill a vector whatever
// the widths of the layers are, and weights are broadcast. A tile's activations stay in the first-level
// cache; a unit's gradient overwrites its activation once that is no longer needed.
//
// Products are summed in float32 over a tile, tiles in float64. Nothing here depends on the threads: the
// caller divides rows into microbatches and adds their sums in one order. Relaxed SIMD is not used, since
// its results are not fixed to the bit.

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

// A layer's entry in the table: seven numbers of 4 bytes.
const LAYER_BYTES: usize = 28;
/** Transposes four features of four rows, so that the four rows of a feature are contiguous. */
// @inline
function transposeFour(from: usize, rowStride: usize, target: usize, pitch: usize): void {
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

/** Transposes rows × features into features × tile, and fills rows up to `padded` with zeros. */
function transpose(
  x: usize,
  rows: i32,
  padded: i32,
  features: i32,
  target: usize,
  pitch: usize,
): void {
  const rowStride: usize = <usize>features * 4;
  let row: i32 = 0;
  if (features >= 4) {
    for (; row + 4 <= rows; row += 4) {
      const from = x + <usize>row * rowStride;
      const to = target + <usize>row * 4;
      let feature: i32 = 0;
      for (; feature + 4 <= features; feature += 4) {
        transposeFour(from + <usize>feature * 4, rowStride, to + <usize>feature * pitch, pitch);
      }
      if (feature < features) {
        // The last four: some of them for the second time.
        feature = features - 4;
        transposeFour(from + <usize>feature * 4, rowStride, to + <usize>feature * pitch, pitch);
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
 * The network's outputs of a tile, from the transposed input at `activations`.
 *
 * @returns the address of the last layer's output
 */
function forward(
  layers: usize,
  count: i32,
  activations: usize,
  rowBytes: usize,
  pitch: usize,
): usize {
  let input = activations;
  for (let index: i32 = 0; index < count; index++) {
    const layer = layers + <usize>index * LAYER_BYTES;
    const inputs = load<i32>(layer);
    const target = input + <usize>inputs * pitch;
    const activation = load<i32>(layer, 8);
    multiply(
      input,
      inputs,
      load<u32>(layer, 12),
      load<i32>(layer, 4),
      load<u32>(layer, 20),
      target,
      rowBytes,
      pitch,
      activation === RELU ? RECTIFY : KEEP,
    );
    if (activation === TANH || activation === SIGMOID) {
      activate(load<i32>(layer, 4), target, rowBytes, pitch, activation);
    }
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
  from: usize,
  inputs: i32,
  outputs: i32,
  inputStride: usize,
  outputStride: usize,
  target: usize,
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
 * their sum in every weight and bias to those after it, at the indices that the table gives.
 *
 * layers: an entry for each layer: inputs, outputs, activation (0 none, 1 ReLU, 2 tanh, 3 sigmoid), address of the packed
 * weights, address of their packed transpose, address of the bias or 0, index of the layer's
 * gradients in `sums` (inputs × outputs, then the bias's); the last layer has one output and no
 * activation. x: rows × features; y: rows; tile: rows at a time, a multiple of 16; activations: room
 * for `tile` numbers of every feature and unit; sums: float64.
 */
export function addGradients(
  layers: usize,
  count: i32,
  x: usize,
  y: usize,
  rows: i32,
  tile: i32,
  activations: usize,
  sums: usize,
): void {
  const features = load<i32>(layers);
  const pitch: usize = <usize>tile * 4;
  for (let first: i32 = 0; first < rows; first += tile) {
    const own = min(tile, rows - first);
    const padded = (own + 15) & ~15;
    const rowBytes: usize = <usize>padded * 4;
    transpose(x + <usize>first * <usize>features * 4, own, padded, features, activations, pitch);
    const output = forward(layers, count, activations, rowBytes, pitch);

    // Prediction − target overwrites the prediction.
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
      const target = sums + <usize>load<u32>(layer, 24) * 8;
      addOuterProducts(input, inputs, deltas, outputs, target, rowBytes, pitch);
      if (load<u32>(layer, 20) !== 0) {
        addRowSums(deltas, outputs, target + <usize>inputs * <usize>outputs * 8, rowBytes, pitch);
      }
      if (index > 0) {
        const before = load<i32>(layer - LAYER_BYTES, 8);
        let purpose = KEEP;
        if (before === RELU) purpose = MASK;
        else if (before === TANH || before === SIGMOID) {
          differentiate(inputs, input, rowBytes, pitch, before);
          purpose = SCALE;
        }
        multiply(deltas, outputs, load<u32>(layer, 16), inputs, 0, input, rowBytes, pitch, purpose);
      }
      deltas = input;
    }
  }
}
