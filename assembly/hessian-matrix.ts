// Sums of products of columns over a tile of 64 rows, in float64. Columns lie in panels of four: row after row
// the numbers of the four columns. Panels lie in groups; a group's columns are 0 in all rows but those of its mask.

import { multiplyAddOf } from "./multiply-add";

const ROWS: i32 = 64;
const PITCH: usize = <usize>ROWS * 8;
const ROW_BYTES: usize = 32;
const PANEL_BYTES: usize = <usize>ROWS * ROW_BYTES;
const BLOCK_BYTES: usize = 128;
// A group's entry in a table: address of its panels, number of its columns, and the mask of its rows.
const GROUP_BYTES: usize = 16;

/** Where a group's column begins. */
// @inline
function placeOf(table: usize, group: i32, column: i32): usize {
  const panels = <usize>load<u32>(table + <usize>group * GROUP_BYTES);
  return panels + <usize>(column >> 2) * PANEL_BYTES + <usize>(column & 3) * 8;
}

/** Stores two rows of two neighbouring columns in their panel. */
// @inline
function storeRows(to: usize, column: v128, next: v128): void {
  v128.store(to, v128.shuffle<f64>(column, next, 0, 2));
  v128.store(to + ROW_BYTES, v128.shuffle<f64>(column, next, 1, 3));
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
    for (let column: i32 = 0; column < columns; column += 2) {
      const to = placeOf(table, group, column);
      const isLast = column + 1 === columns;
      for (let row: usize = 0; row < <usize>ROWS; row += 2) {
        const at = from + row * 8;
        const next = isLast ? f64x2.splat(0) : v128.load(at + PITCH);
        storeRows(to + row * ROW_BYTES, v128.load(at), next);
      }
      from += isLast ? PITCH : 2 * PITCH;
    }
  }
}

/** Two rows of the product of units `k` and `right`: `k` beyond `ones` is a unit of ones, or none. */
// @inline
function outer(one: usize, ones: i32, bias: i32, k: i32, right: v128, at: usize): v128 {
  if (k < ones) return f64x2.mul(right, v128.load(one + <usize>k * PITCH + at));
  return k < ones + bias ? right : f64x2.splat(0);
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
    for (let k: i32 = 0; k < ones + bias; k += 2) {
      const to = placeOf(table, j, k);
      for (let row: usize = 0; row < <usize>ROWS; row += 2) {
        const at = row * 8;
        const value = v128.load(right + at);
        let column = outer(one, ones, bias, k, value, at);
        let next = outer(one, ones, bias, k + 1, value, at);
        if (factors !== 0) {
          const factor = v128.load(factors + at);
          column = f64x2.mul(column, factor);
          next = f64x2.mul(next, factor);
        }
        storeRows(to + row * ROW_BYTES, column, next);
      }
    }
  }
}

/** A group for each unit: its products with itself and each unit after it, and itself where there is a bias. */
export function pairGroups(tile: usize, units: i32, bias: i32, table: usize): void {
  for (let unit: i32 = 0; unit < units + bias; unit++) {
    const left = tile + <usize>unit * PITCH;
    for (let other = unit; other < units + bias; other += 2) {
      const to = placeOf(table, unit, other - unit);
      for (let row: usize = 0; row < <usize>ROWS; row += 2) {
        const at = row * 8;
        const value = unit < units ? v128.load(left + at) : f64x2.splat(1);
        const column = outer(tile, units, bias, other, value, at);
        const next = outer(tile, units, bias, other + 1, value, at);
        storeRows(to + row * ROW_BYTES, column, next);
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

/**
 * Adds the products of four columns with four, summed over the rows at some offsets, to 4 × 4 numbers.
 *
 * narrow, narrowOther: whether the last two columns of `one`, or of `other`, are 0
 */
// @inline
function addBlock(
  one: usize,
  other: usize,
  offsets: usize,
  end: usize,
  target: usize,
  narrow: bool,
  narrowOther: bool,
): void {
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
    if (!narrowOther) c0 = multiplyAddOf<f64>(x1, w0, c0);
    const w1 = v128.load_splat<f64>(one + at, 8);
    a1 = multiplyAddOf<f64>(x0, w1, a1);
    if (!narrowOther) c1 = multiplyAddOf<f64>(x1, w1, c1);
    if (narrow) continue;
    const w2 = v128.load_splat<f64>(one + at, 16);
    a2 = multiplyAddOf<f64>(x0, w2, a2);
    if (!narrowOther) c2 = multiplyAddOf<f64>(x1, w2, c2);
    const w3 = v128.load_splat<f64>(one + at, 24);
    a3 = multiplyAddOf<f64>(x0, w3, a3);
    if (!narrowOther) c3 = multiplyAddOf<f64>(x1, w3, c3);
  }
  addTo(target, a0);
  addTo(target + 32, a1);
  if (!narrowOther) {
    addTo(target + 16, c0);
    addTo(target + 48, c1);
  }
  if (narrow) return;
  addTo(target + 64, a2);
  addTo(target + 96, a3);
  if (narrowOther) return;
  addTo(target + 80, c2);
  addTo(target + 112, c3);
}

// @inline
function addTo(target: usize, sums: v128): void {
  v128.store(target, f64x2.add(v128.load(target), sums));
}

/** How many panels hold so many columns. */
// @inline
function panelsOf(columns: i32): i32 {
  return (columns + 3) >> 2;
}

/** Whether the last panel of so many columns has at most two. */
// @inline
function endsNarrow(columns: i32): bool {
  return (columns & 3) === 1 || (columns & 3) === 2;
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
    const lefts = panelsOf(load<i32>(left, 4));
    const rights = panelsOf(load<i32>(right, 4));
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
    const narrowLeft = endsNarrow(load<i32>(left, 4)) ? lefts - 1 : lefts;
    const narrowRight = endsNarrow(load<i32>(right, 4)) ? rights - 1 : rights;
    for (let panel: i32 = 0; panel < rights; panel++) {
      const across = rightPanels + <usize>panel * PANEL_BYTES;
      for (let index: i32 = 0; index < lefts; index++) {
        const down = leftPanels + <usize>index * PANEL_BYTES;
        if (index === narrowLeft) addBlock(down, across, offsets, end, to, true, false);
        else if (panel === narrowRight) addBlock(down, across, offsets, end, to, false, true);
        else addBlock(down, across, offsets, end, to, false, false);
        to += BLOCK_BYTES;
      }
    }
  }
}
