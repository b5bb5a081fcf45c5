// Sums of products of columns over a tile of 64 rows, in float64. Columns lie in panels of four: row after row
// the numbers of the four columns.

import { multiplyAddOf } from "./multiply-add";

const ROWS: i32 = 64;
const PITCH: usize = <usize>ROWS * 8;
const ROW_BYTES: usize = 32;
const PANEL_BYTES: usize = <usize>ROWS * ROW_BYTES;
const BLOCK_BYTES: usize = 128;

/** Where a column begins among panels. */
// @inline
function placeOf(panels: usize, column: i32): usize {
  return panels + <usize>(column >> 2) * PANEL_BYTES + <usize>(column & 3) * 8;
}

/** Copies units of a tile to columns from number `first` on. */
export function copyColumns(tile: usize, count: i32, panels: usize, first: i32): void {
  for (let unit: i32 = 0; unit < count; unit++) {
    const from = tile + <usize>unit * PITCH;
    const to = placeOf(panels, first + unit);
    for (let row: i32 = 0; row < ROWS; row++) {
      store<f64>(to + <usize>row * ROW_BYTES, load<f64>(from + <usize>row * 8));
    }
  }
}

/**
 * Columns of the products of each unit of one tile with each unit of another, from number `first` on:
 * those of the first unit, and so on.
 *
 * bias: 1 for a further unit of ones after those of the first tile. factors: of each row, 0 for none.
 */
export function outerColumns(
  one: usize,
  ones: i32,
  bias: i32,
  other: usize,
  others: i32,
  factors: usize,
  panels: usize,
  first: i32,
): void {
  let column = first;
  for (let k: i32 = 0; k < ones + bias; k++) {
    const left = one + <usize>k * PITCH;
    for (let j: i32 = 0; j < others; j++) {
      const right = other + <usize>j * PITCH;
      const to = placeOf(panels, column++);
      for (let row: i32 = 0; row < ROWS; row++) {
        const at = <usize>row * 8;
        let value = load<f64>(right + at);
        if (k < ones) value *= load<f64>(left + at);
        if (factors !== 0) value *= load<f64>(factors + at);
        store<f64>(to + <usize>row * ROW_BYTES, value);
      }
    }
  }
}

/** 1 where a unit is on, else 0; without ReLU all units are on. */
export function writeGates(values: usize, units: i32, relu: i32, target: usize): void {
  const bytes = <usize>units * PITCH;
  for (let at: usize = 0; at < bytes; at += 8) {
    store<f64>(target + at, relu === 0 || load<f64>(values + at) > 0 ? 1 : 0);
  }
}

/** The derivatives of a layer's outputs in the pre-activations of the one below, input after input. */
export function firstDerivatives(
  below: usize,
  inputs: i32,
  above: usize,
  outputs: i32,
  weights: usize,
  target: usize,
): void {
  let to = target;
  let weight = weights;
  for (let k: i32 = 0; k < inputs; k++) {
    const left = below + <usize>k * PITCH;
    for (let j: i32 = 0; j < outputs; j++) {
      const right = above + <usize>j * PITCH;
      const w = load<f64>(weight);
      for (let at: usize = 0; at < PITCH; at += 8) {
        store<f64>(to + at, load<f64>(left + at) * load<f64>(right + at) * w);
      }
      to += PITCH;
      weight += 8;
    }
  }
}

/** Adds the products of four columns with four, summed over the rows, to 4 × 4 numbers. */
// @inline
function addBlock(one: usize, other: usize, target: usize): void {
  let a0 = f64x2.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0;
  let c0 = a0,
    c1 = a0,
    c2 = a0,
    c3 = a0;
  for (let at: usize = 0; at < PANEL_BYTES; at += ROW_BYTES) {
    const x0 = v128.load(other + at);
    const x1 = v128.load(other + at, 16);
    const w0 = v128.load_splat<f64>(one + at);
    a0 = multiplyAddOf<f64>(x0, w0, a0);
    c0 = multiplyAddOf<f64>(x1, w0, c0);
    const w1 = v128.load_splat<f64>(one + at, 8);
    a1 = multiplyAddOf<f64>(x0, w1, a1);
    c1 = multiplyAddOf<f64>(x1, w1, c1);
    const w2 = v128.load_splat<f64>(one + at, 16);
    a2 = multiplyAddOf<f64>(x0, w2, a2);
    c2 = multiplyAddOf<f64>(x1, w2, c2);
    const w3 = v128.load_splat<f64>(one + at, 24);
    a3 = multiplyAddOf<f64>(x0, w3, a3);
    c3 = multiplyAddOf<f64>(x1, w3, c3);
  }
  v128.store(target, f64x2.add(v128.load(target), a0));
  v128.store(target, f64x2.add(v128.load(target, 16), c0), 16);
  v128.store(target, f64x2.add(v128.load(target, 32), a1), 32);
  v128.store(target, f64x2.add(v128.load(target, 48), c1), 48);
  v128.store(target, f64x2.add(v128.load(target, 64), a2), 64);
  v128.store(target, f64x2.add(v128.load(target, 80), c2), 80);
  v128.store(target, f64x2.add(v128.load(target, 96), a3), 96);
  v128.store(target, f64x2.add(v128.load(target, 112), c3), 112);
}

/**
 * Adds the products of the columns of `one` with those of every `step`th panel of `other`, summed over the
 * rows, to `target`: for each panel of `other` a block of 4 × 4 numbers for each panel of `one`.
 *
 * panels: those of `one`; 0: as many as up to the panel of `other` itself, for a symmetric matrix.
 */
export function addBlocks(
  one: usize,
  panels: i32,
  other: usize,
  first: i32,
  others: i32,
  step: i32,
  target: usize,
): void {
  let to = target;
  for (let panel = first; panel < others; panel += step) {
    const count = panels === 0 ? panel + 1 : panels;
    const right = other + <usize>panel * PANEL_BYTES;
    for (let left: i32 = 0; left < count; left++) {
      addBlock(one + <usize>left * PANEL_BYTES, right, to);
      to += BLOCK_BYTES;
    }
  }
}
