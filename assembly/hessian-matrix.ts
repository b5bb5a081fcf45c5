// Sums of products of columns over a tile of 64 rows, in float64. Columns lie in panels of four: row after row
// the numbers of the four columns. Panels lie in groups; a group's columns are 0 in all rows but those of its mask.

import { multiplyAddOf } from "./multiply-add";

const ROWS: i32 = 64;
const PITCH: usize = <usize>ROWS * 8;
const ROW_BYTES: usize = 32;
const PANEL_BYTES: usize = <usize>ROWS * ROW_BYTES;
const BLOCK_BYTES: usize = 128;
// A group's entry in a table: address of its panels, their number, and the mask of its rows.
const GROUP_BYTES: usize = 16;

/** Where a group's column begins. */
// @inline
function placeOf(table: usize, group: i32, column: i32): usize {
  const panels = <usize>load<u32>(table + <usize>group * GROUP_BYTES);
  return panels + <usize>(column >> 2) * PANEL_BYTES + <usize>(column & 3) * 8;
}

/** The masks of as many groups as a tile has units: the rows in which a unit is not 0. */
export function writeMasks(tile: usize, units: i32, table: usize): void {
  for (let unit: i32 = 0; unit < units; unit++) {
    const from = tile + <usize>unit * PITCH;
    let mask: u64 = 0;
    for (let row: i32 = 0; row < ROWS; row++) {
      if (load<f64>(from + <usize>row * 8) !== 0) mask |= (<u64>1) << (<u64>row);
    }
    store<u64>(table + <usize>unit * GROUP_BYTES, mask, 8);
  }
}

/** Groups of columns that are the units of a tile, `columns` a group. */
export function copyGroups(tile: usize, groups: i32, columns: i32, table: usize): void {
  let from = tile;
  for (let group: i32 = 0; group < groups; group++) {
    for (let column: i32 = 0; column < columns; column++) {
      const to = placeOf(table, group, column);
      for (let row: i32 = 0; row < ROWS; row++) {
        store<f64>(to + <usize>row * ROW_BYTES, load<f64>(from + <usize>row * 8));
      }
      from += PITCH;
    }
  }
}

/**
 * A group for each unit of `other`: its products with each unit of `one`.
 *
 * bias: 1 for a further unit of ones after those of `one`. factors: of each row, 0 for none.
 */
export function outerGroups(
  one: usize,
  ones: i32,
  bias: i32,
  other: usize,
  others: i32,
  factors: usize,
  table: usize,
): void {
  for (let j: i32 = 0; j < others; j++) {
    const right = other + <usize>j * PITCH;
    for (let k: i32 = 0; k < ones + bias; k++) {
      const left = one + <usize>k * PITCH;
      const to = placeOf(table, j, k);
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

/** A group for each unit: its products with itself and each unit after it, and itself where there is a bias. */
export function pairGroups(tile: usize, units: i32, bias: i32, table: usize): void {
  for (let unit: i32 = 0; unit < units + bias; unit++) {
    const left = tile + <usize>unit * PITCH;
    for (let other = unit; other < units + bias; other++) {
      const right = tile + <usize>other * PITCH;
      const to = placeOf(table, unit, other - unit);
      for (let row: i32 = 0; row < ROWS; row++) {
        const at = <usize>row * 8;
        let value: f64 = 1;
        if (unit < units) value = load<f64>(left + at);
        if (other < units) value *= load<f64>(right + at);
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

/** Adds the products of four columns with four, summed over the rows at some offsets, to 4 × 4 numbers. */
// @inline
function addBlock(one: usize, other: usize, offsets: usize, end: usize, target: usize): void {
  let a0 = f64x2.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0;
  let c0 = a0,
    c1 = a0,
    c2 = a0,
    c3 = a0;
  for (let next = offsets; next < end; next += 4) {
    const at = <usize>load<u32>(next);
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
 * Adds the products of the columns of `one` with those of `other`, summed over the rows that are in both
 * groups' masks, to `target`. Of the pairs of groups, those of a group of `other` one after the other, it takes
 * every `step`th from number `first` on; each has a block of 4 × 4 numbers for each pair of panels.
 *
 * offsets: room for 64 numbers of 4 bytes.
 */
export function addGroups(
  one: usize,
  ones: i32,
  other: usize,
  others: i32,
  first: i32,
  step: i32,
  offsets: usize,
  target: usize,
): void {
  let to = target;
  for (let pair = first; pair < ones * others; pair += step) {
    const left = one + <usize>(pair % ones) * GROUP_BYTES;
    const right = other + <usize>(pair / ones) * GROUP_BYTES;
    const lefts = load<i32>(left, 4);
    const rights = load<i32>(right, 4);
    let mask = load<u64>(left, 8) & load<u64>(right, 8);
    if (mask === 0) {
      to += <usize>(lefts * rights) * BLOCK_BYTES;
      continue;
    }
    let end = offsets;
    for (; mask !== 0; mask &= mask - 1) {
      store<u32>(end, <u32>ctz(mask) * <u32>ROW_BYTES);
      end += 4;
    }
    const leftPanels = <usize>load<u32>(left);
    const rightPanels = <usize>load<u32>(right);
    for (let panel: i32 = 0; panel < rights; panel++) {
      for (let index: i32 = 0; index < lefts; index++) {
        addBlock(
          leftPanels + <usize>index * PANEL_BYTES,
          rightPanels + <usize>panel * PANEL_BYTES,
          offsets,
          end,
          to,
        );
        to += BLOCK_BYTES;
      }
    }
  }
}
