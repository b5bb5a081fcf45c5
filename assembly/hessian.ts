export {
  addGroups,
  copyGroups,
  firstDerivatives,
  outerGroups,
  pairGroups,
  writeGates,
  writeMasks,
} from "./hessian-matrix";
import { activate, bend, differentiate, RELU, SIGMOID, TANH } from "./hessian-activations";
import { addOuterProducts, addRowSums, GATE, KEEP, multiply, RECTIFY } from "./hessian-products";

// Products of vectors with the Hessian of a dense network's squared errors, by differentiating
// backpropagation along each vector (the R-operator of Pearlmutter 1994, "Fast exact multiplication by the
// Hessian"), a tile of rows at a time. All vectors share a tile's forward and backward pass.
//
// `…64` computes in float64, `…32` in float32 with float64 sums over tiles. The derivatives of ReLU at 0
// are 0.

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

// A layer's entry in the table: seven numbers of 4 bytes.
const LAYER_BYTES: usize = 28;
// A layer's entry in a vector's table: three numbers of 4 bytes.
const VECTOR_BYTES: usize = 12;

/**
 * Lays float64 weights in the order in which a product asks for them: four outputs side by side, input
 * after input; then one by one the outputs that are left.
 *
 * from: the weight of input k and output j is at k · inputStride + j · outputStride bytes.
 */
function pack<T>(
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
        store<T>(to, <T>load<f64>(at));
        at += outputStride;
        to += sizeof<T>();
      }
    }
    unit += width;
  }
}

export function pack64(
  from: usize,
  inputs: i32,
  outputs: i32,
  inputStride: usize,
  outputStride: usize,
  target: usize,
): void {
  pack<f64>(from, inputs, outputs, inputStride, outputStride, target);
}

export function pack32(
  from: usize,
  inputs: i32,
  outputs: i32,
  inputStride: usize,
  outputStride: usize,
  target: usize,
): void {
  pack<f32>(from, inputs, outputs, inputStride, outputStride, target);
}

/** Transposes rows × features into features × tile, and fills rows up to `padded` with zeros. */
function transpose<T>(
  x: usize,
  rows: i32,
  padded: i32,
  features: i32,
  target: usize,
  pitch: usize,
): void {
  const stride: usize = <usize>features * 4;
  for (let feature: i32 = 0; feature < features; feature++) {
    const to = target + <usize>feature * pitch;
    let from = x + <usize>feature * 4;
    for (let row: i32 = 0; row < rows; row++) {
      store<T>(to + <usize>row * sizeof<T>(), <T>load<f32>(from));
      from += stride;
    }
    for (let row = rows; row < padded; row++) store<T>(to + <usize>row * sizeof<T>(), 0);
  }
}

/** The network's outputs of a tile, layer after layer, from the transposed input at `values`. */
function forward<T>(layers: usize, count: i32, values: usize, rowBytes: usize, pitch: usize): void {
  let input = values;
  for (let index: i32 = 0; index < count; index++) {
    const layer = layers + <usize>index * LAYER_BYTES;
    const inputs = load<i32>(layer);
    const outputs = load<i32>(layer, 4);
    const activation = load<i32>(layer, 8);
    const target = input + <usize>inputs * pitch;
    const purpose = activation === RELU ? RECTIFY : KEEP;
    multiply<T>(
      input,
      load<u32>(layer, 12),
      0,
      0,
      inputs,
      outputs,
      load<u32>(layer, 20),
      target,
      target,
      purpose,
      rowBytes,
      pitch,
    );
    if (activation === TANH || activation === SIGMOID) {
      activate<T>(outputs, target, rowBytes, pitch, activation);
    }
    input = target;
  }
}

/**
 * The derivatives of half a row's squared error in the pre-activations of every layer, from those in the
 * prediction, which lie at the last layer's place in `deltas`.
 */
function backward<T>(
  layers: usize,
  count: i32,
  values: usize,
  deltas: usize,
  last: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  let place = last;
  for (let index: i32 = count - 1; index >= 0; index--) {
    const layer = layers + <usize>index * LAYER_BYTES;
    const inputs = load<i32>(layer);
    const outputs = load<i32>(layer, 4);
    const activation = load<i32>(layer, 8);
    if (
      activation === TANH ||
      activation === SIGMOID ||
      (index === count - 1 && activation === RELU)
    ) {
      differentiate<T>(outputs, values + place, deltas + place, rowBytes, pitch, activation);
    }
    if (index === 0) break;
    const below = place - <usize>inputs * pitch;
    const purpose = load<i32>(layer - LAYER_BYTES, 8) === RELU ? GATE : KEEP;
    multiply<T>(
      deltas + place,
      load<u32>(layer, 16),
      0,
      0,
      outputs,
      inputs,
      0,
      deltas + below,
      values + below,
      purpose,
      rowBytes,
      pitch,
    );
    place = below;
  }
}

/**
 * How fast all outputs change as the weights move along a vector. `speeds` gets the changes of the
 * pre-activations of tanh and sigmoid layers.
 */
function changeForward<T>(
  layers: usize,
  count: i32,
  vector: usize,
  values: usize,
  changes: usize,
  speeds: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  let place: usize = 0;
  for (let index: i32 = 0; index < count; index++) {
    const layer = layers + <usize>index * LAYER_BYTES;
    const own = vector + <usize>index * VECTOR_BYTES;
    const inputs = load<i32>(layer);
    const outputs = load<i32>(layer, 4);
    const activation = load<i32>(layer, 8);
    const above = place + <usize>inputs * pitch;
    const smooth = activation === TANH || activation === SIGMOID;
    multiply<T>(
      values + place,
      load<u32>(own),
      index === 0 ? 0 : changes + place,
      load<u32>(layer, 12),
      inputs,
      outputs,
      load<u32>(own, 8),
      (smooth ? speeds : changes) + above,
      values + above,
      activation === RELU ? GATE : KEEP,
      rowBytes,
      pitch,
    );
    if (smooth) {
      const bytes = <usize>outputs * pitch;
      memory.copy(changes + above, speeds + above, bytes);
      differentiate<T>(outputs, values + above, changes + above, rowBytes, pitch, activation);
    }
    place = above;
  }
}

/** How fast the derivatives change, from that in the prediction, with the products of a vector. */
function changeBackward<T>(
  layers: usize,
  count: i32,
  vector: usize,
  values: usize,
  deltas: usize,
  changes: usize,
  speeds: usize,
  moving: usize,
  last: usize,
  sums: usize,
  rowBytes: usize,
  pitch: usize,
): void {
  let place = last;
  for (let index: i32 = count - 1; index >= 0; index--) {
    const layer = layers + <usize>index * LAYER_BYTES;
    const own = vector + <usize>index * VECTOR_BYTES;
    const inputs = load<i32>(layer);
    const outputs = load<i32>(layer, 4);
    const activation = load<i32>(layer, 8);
    const below = place - <usize>inputs * pitch;
    if (
      activation === TANH ||
      activation === SIGMOID ||
      (index === count - 1 && activation === RELU)
    ) {
      differentiate<T>(outputs, values + place, moving + place, rowBytes, pitch, activation);
    }
    if (activation === TANH || activation === SIGMOID) {
      bend<T>(
        outputs,
        values + place,
        speeds + place,
        deltas + place,
        moving + place,
        rowBytes,
        pitch,
        activation,
      );
    }
    const target = sums + <usize>load<u32>(layer, 24) * 8;
    addOuterProducts<T>(
      values + below,
      moving + place,
      index === 0 ? 0 : changes + below,
      deltas + place,
      inputs,
      outputs,
      target,
      rowBytes,
      pitch,
    );
    if (load<u32>(layer, 20) !== 0) {
      const biases = target + <usize>inputs * <usize>outputs * 8;
      addRowSums<T>(outputs, moving + place, biases, rowBytes, pitch);
    }
    if (index === 0) break;
    multiply<T>(
      deltas + place,
      load<u32>(own, 4),
      moving + place,
      load<u32>(layer, 16),
      outputs,
      inputs,
      0,
      moving + below,
      values + below,
      load<i32>(layer - LAYER_BYTES, 8) === RELU ? GATE : KEEP,
      rowBytes,
      pitch,
    );
    place = below;
  }
}

/**
 * Adds products with the Hessian of half the sum of some rows' squared errors to `sums`, and returns the
 * sum of the squared errors.
 */
function addProducts<T>(
  layers: usize,
  count: i32,
  vectors: usize,
  number: i32,
  x: usize,
  y: usize,
  rows: i32,
  tile: i32,
  scratch: usize,
  errorWeight: f64,
  changeWeight: f64,
  sums: usize,
  stride: usize,
): f64 {
  const features = load<i32>(layers);
  const pitch = <usize>tile * sizeof<T>();
  let last: usize = 0;
  for (let index: i32 = 0; index < count; index++) {
    last += <usize>load<i32>(layers + <usize>index * LAYER_BYTES) * pitch;
  }
  const region = last + pitch;
  const values = scratch;
  const deltas = values + region;
  const changes = deltas + region;
  const speeds = changes + region;
  const moving = speeds + region;
  const lanes: i32 = 64 / <i32>sizeof<T>();
  let squares: f64 = 0;
  for (let first: i32 = 0; first < rows; first += tile) {
    const own = min(tile, rows - first);
    const padded = (own + lanes - 1) & -lanes;
    const rowBytes = <usize>padded * sizeof<T>();
    transpose<T>(x + <usize>first * <usize>features * 4, own, padded, features, values, pitch);
    forward<T>(layers, count, values, rowBytes, pitch);
    let loss: f64 = 0;
    for (let row: i32 = 0; row < padded; row++) {
      const at = <usize>row * sizeof<T>() + last;
      let residual: T = 0;
      if (row < own) {
        residual = load<T>(values + at) - <T>load<f32>(y + <usize>(first + row) * 4);
        loss += <f64>residual * <f64>residual;
      }
      store<T>(deltas + at, <T>errorWeight * residual);
    }
    squares += loss;
    backward<T>(layers, count, values, deltas, last, rowBytes, pitch);
    for (let index: i32 = 0; index < number; index++) {
      const vector = vectors + <usize>(index * count) * VECTOR_BYTES;
      changeForward<T>(layers, count, vector, values, changes, speeds, rowBytes, pitch);
      for (let row: i32 = 0; row < padded; row++) {
        const at = <usize>row * sizeof<T>() + last;
        const change: T = row < own ? <T>changeWeight * load<T>(changes + at) : 0;
        store<T>(moving + at, change);
      }
      changeBackward<T>(
        layers,
        count,
        vector,
        values,
        deltas,
        changes,
        speeds,
        moving,
        last,
        sums + <usize>index * stride,
        rowBytes,
        pitch,
      );
    }
  }
  return squares;
}

/**
 * Adds products with the Hessian of half the sum of some rows' squared errors to `sums`.
 *
 * layers: an entry for each layer: inputs, outputs, activation (0 none, 1 ReLU, 2 tanh, 3 sigmoid),
 * address of the packed weights, address of their packed transpose, address of the bias or 0, index of
 * the layer's sums (inputs × outputs, then the bias's); the last layer has one output. vectors: of each
 * vector an entry for each layer: address of its packed weights, of their packed transpose, and of its
 * bias or 0. x: rows × features; y: rows; both float32. tile: rows at a time, so many that they take a
 * multiple of 64 bytes. scratch: room for five times `tile` numbers of every feature and unit.
 * errorWeight: 1, or 0 to leave out the residuals' part, Σ(f − y)·∇²f; changeWeight: 1, or 0 to leave out
 * Σ∇f∇fᵀ. sums: of each vector, `stride` bytes apart, float64.
 *
 * @returns the sum of the squared errors
 */
export function addProducts64(
  layers: usize,
  count: i32,
  vectors: usize,
  number: i32,
  x: usize,
  y: usize,
  rows: i32,
  tile: i32,
  scratch: usize,
  errorWeight: f64,
  changeWeight: f64,
  sums: usize,
  stride: usize,
): f64 {
  return addProducts<f64>(
    layers,
    count,
    vectors,
    number,
    x,
    y,
    rows,
    tile,
    scratch,
    errorWeight,
    changeWeight,
    sums,
    stride,
  );
}

/** The same in float32, with sums of tiles in float64. */
export function addProducts32(
  layers: usize,
  count: i32,
  vectors: usize,
  number: i32,
  x: usize,
  y: usize,
  rows: i32,
  tile: i32,
  scratch: usize,
  errorWeight: f64,
  changeWeight: f64,
  sums: usize,
  stride: usize,
): f64 {
  return addProducts<f32>(
    layers,
    count,
    vectors,
    number,
    x,
    y,
    rows,
    tile,
    scratch,
    errorWeight,
    changeWeight,
    sums,
    stride,
  );
}

/**
 * The outputs of all units of a tile of at most 64 rows, and the prediction's derivatives in their
 * pre-activations.
 *
 * layers: as above. scratch: 64 numbers of every feature and unit for the outputs, as many for the
 * derivatives. residuals: of each row prediction − target, 0 for rows that are not there, whose
 * derivatives are 0, too.
 */
export function predictionDerivatives(
  layers: usize,
  count: i32,
  x: usize,
  y: usize,
  rows: i32,
  scratch: usize,
  residuals: usize,
): void {
  const pitch: usize = 512;
  let last: usize = 0;
  for (let index: i32 = 0; index < count; index++) {
    last += <usize>load<i32>(layers + <usize>index * LAYER_BYTES) * pitch;
  }
  const deltas = scratch + last + pitch;
  transpose<f64>(x, rows, 64, load<i32>(layers), scratch, pitch);
  forward<f64>(layers, count, scratch, pitch, pitch);
  for (let row: i32 = 0; row < 64; row++) {
    const at = <usize>row * 8;
    const isThere = row < rows;
    const residual = isThere
      ? load<f64>(scratch + last + at) - <f64>load<f32>(y + <usize>row * 4)
      : 0;
    store<f64>(residuals + at, residual);
    store<f64>(deltas + last + at, isThere ? 1 : 0);
  }
  backward<f64>(layers, count, scratch, deltas, last, pitch, pitch);
}

/** Carries derivatives of a layer's inputs (`sets` tiles of them) on to its outputs. */
export function nextDerivatives(
  layer: usize,
  derivatives: usize,
  sets: i32,
  values: usize,
  target: usize,
): void {
  const pitch: usize = 512;
  const inputs = load<i32>(layer);
  const outputs = load<i32>(layer, 4);
  const purpose = load<i32>(layer, 8) === RELU ? GATE : KEEP;
  for (let index: i32 = 0; index < sets; index++) {
    multiply<f64>(
      derivatives + <usize>(index * inputs) * pitch,
      load<u32>(layer, 12),
      0,
      0,
      inputs,
      outputs,
      0,
      target + <usize>(index * outputs) * pitch,
      values,
      purpose,
      pitch,
      pitch,
    );
  }
}
