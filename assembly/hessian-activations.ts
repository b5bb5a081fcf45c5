// Activations of a tile with their derivatives, number by number in float64.

export const RELU: i32 = 1;
export const TANH: i32 = 2;
export const SIGMOID: i32 = 3;

/** Replaces a tile's sums by their activations. Units are `pitch` bytes apart. */
export function activate<T>(
  units: i32,
  target: usize,
  rowBytes: usize,
  pitch: usize,
  activation: i32,
): void {
  for (let unit: i32 = 0; unit < units; unit++) {
    const from = target + <usize>unit * pitch;
    for (let row: usize = 0; row < rowBytes; row += sizeof<T>()) {
      const sum = <f64>load<T>(from + row);
      const value = activation === TANH ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
      store<T>(from + row, <T>value);
    }
  }
}

/** Multiplies a tile's numbers by the activation's derivative, from its values. */
export function differentiate<T>(
  units: i32,
  values: usize,
  target: usize,
  rowBytes: usize,
  pitch: usize,
  activation: i32,
): void {
  for (let unit: i32 = 0; unit < units; unit++) {
    const offset = <usize>unit * pitch;
    for (let row: usize = 0; row < rowBytes; row += sizeof<T>()) {
      const value = <f64>load<T>(values + offset + row);
      const at = target + offset + row;
      let slope: f64 = value > 0 ? 1 : 0;
      if (activation === TANH) slope = 1 - value * value;
      else if (activation === SIGMOID) slope = value * (1 - value);
      store<T>(at, <T>(slope * <f64>load<T>(at)));
    }
  }
}

/**
 * Adds what the activation's second derivative contributes: φ″ is c·φ′ with c = −2·tanh or 1 − 2·sigmoid,
 * and φ′ is in `deltas` already.
 */
export function bend<T>(
  units: i32,
  values: usize,
  speeds: usize,
  deltas: usize,
  target: usize,
  rowBytes: usize,
  pitch: usize,
  activation: i32,
): void {
  for (let unit: i32 = 0; unit < units; unit++) {
    const offset = <usize>unit * pitch;
    for (let row: usize = 0; row < rowBytes; row += sizeof<T>()) {
      const value = <f64>load<T>(values + offset + row);
      const c = activation === TANH ? -2 * value : 1 - 2 * value;
      const at = target + offset + row;
      const part = c * <f64>load<T>(speeds + offset + row) * <f64>load<T>(deltas + offset + row);
      store<T>(at, <T>(<f64>load<T>(at) + part));
    }
  }
}
