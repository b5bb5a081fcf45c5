// Losses of a ReLU network at every point of a line centre + α·direction, a row at a time.
//
// Along the line the first pre-activation of a unit is a + αb, so each unit switches at most once.
// Between switches the second pre-activation of a unit is a quadratic in α, whose coefficients a
// switch updates by one vector addition. The method is exact: nothing is sampled or approximated
// but by float32 rounding. Squared errors are summed in float64. The caller makes sure that nothing
// can overflow.
//
// The last-but-one layer's units are `second` quadratics, weighted by the last layer's weights
// `outputs[point][unit]`. A network with one hidden layer has a single quadratic, weight 1 and no
// threshold (`floor` −∞).

/** The first address after the module's own data, for the caller's buffers. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * a and b of every first-layer unit for the row at `x`, whether it is active (1 or 0) before its
 * switch, and the number of the point from which on it has switched: `points` where that is before
 * the first point or after the last. `weights` is feature × (centre units, direction units).
 */
// @ts-ignore: decorator
@inline
function firstLayer(
  x: usize, features: i32, first: i32, weights: usize, points: i32, start: f32, inverseStep: f32,
  a: usize, b: usize, actives: usize, switches: usize,
): void {
  const stride: usize = <usize>first * 4;
  const zero = f32x4.splat(0);
  const one = i32x4.splat(1);
  const starts = f32x4.splat(start);
  const scale = f32x4.splat(inverseStep);
  const outside = i32x4.splat(points);
  for (let unit: usize = 0; unit < stride; unit += 16) {
    let sumA = zero;
    let sumB = zero;
    let column = weights + unit;
    for (let feature: usize = 0; feature < <usize>features; feature++) {
      const value = v128.load32_splat(x + feature * 4);
      sumA = f32x4.add(sumA, f32x4.mul(value, v128.load(column)));
      sumB = f32x4.add(sumB, f32x4.mul(value, v128.load(column + stride)));
      column += stride * 2;
    }
    v128.store(a + unit, sumA);
    v128.store(b + unit, sumB);
    // Before its switch a unit is active where b < 0, after it where b > 0, and where b = 0 for
    // a > 0. A rounded position moves the switch by at most the one point where a + αb is as small
    // as the rounding.
    const position = f32x4.mul(f32x4.sub(f32x4.div(f32x4.neg(sumA), sumB), starts), scale);
    const falling = f32x4.lt(sumB, zero);
    const rising = f32x4.gt(sumB, zero);
    const level = v128.andnot(f32x4.gt(sumA, zero), v128.or(falling, rising));
    const active = v128.or(level, v128.bitselect(rising, falling, f32x4.le(position, zero)));
    v128.store(actives + unit, v128.and(active, one));
    const point = i32x4.trunc_sat_f32x4_s(f32x4.ceil(position));
    const inside = v128.and(i32x4.ge_s(point, one), i32x4.lt_s(point, outside));
    v128.store(switches + unit, v128.bitselect(point, outside, inside));
  }
}

/**
 * The quadratics of the units listed from `list` to `end`: q0, q1 and q2 of each four second-layer
 * units side by side. `weights`: first × second/4 × (4 centre, 4 direction).
 */
// @ts-ignore: decorator
@inline
function sumUnits(list: usize, end: usize, a: usize, b: usize, weights: usize, second: i32, quadratics: usize): void {
  const unitBytes: usize = <usize>second * 8;
  let q = quadratics;
  for (let group: usize = 0; group < unitBytes; group += 32) {
    let q0 = f32x4.splat(0);
    let q1 = q0;
    let q2 = q0;
    for (let entry = list; entry < end; entry += 4) {
      const unit = <usize>load<u32>(entry);
      const w = weights + unit * unitBytes + group;
      const centre = v128.load(w);
      const direction = v128.load(w, 16);
      const va = v128.load32_splat(a + unit * 4);
      const vb = v128.load32_splat(b + unit * 4);
      q0 = f32x4.add(q0, f32x4.mul(va, centre));
      q1 = f32x4.add(q1, f32x4.add(f32x4.mul(va, direction), f32x4.mul(vb, centre)));
      q2 = f32x4.add(q2, f32x4.mul(vb, direction));
    }
    v128.store(q, q0);
    v128.store(q, q1, 16);
    v128.store(q, q2, 32);
    q += 48;
  }
}

/**
 * Adds a first-layer unit with activation a + αb to the quadratics, or takes it away (a and b
 * negated). `weights`: its (centre, direction) weights; `quadratics`: q0, q1 and q2 of each four
 * units side by side.
 */
// @ts-ignore: decorator
@inline
function addUnit(a: f32, b: f32, weights: usize, second: i32, quadratics: usize): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  let q = quadratics;
  const end = weights + (<usize>second) * 8;
  for (let w = weights; w < end; w += 32) {
    const centre = v128.load(w);
    const direction = v128.load(w, 16);
    v128.store(q, f32x4.add(v128.load(q), f32x4.mul(va, centre)));
    v128.store(
      q,
      f32x4.add(v128.load(q, 16), f32x4.add(f32x4.mul(va, direction), f32x4.mul(vb, centre))),
      16,
    );
    v128.store(q, f32x4.add(v128.load(q, 32), f32x4.mul(vb, direction)), 32);
    q += 48;
  }
}

/** The four lanes' sum. */
// @ts-ignore: decorator
@inline
function lanesSum(v: v128): f32 {
  const pairs = f32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Adds a squared error to its point's sum. */
// @ts-ignore: decorator
@inline
function addError(sums: usize, point: i32, prediction: f32, target: f64): void {
  const error = <f64>prediction - target;
  const at = sums + <usize>point * 8;
  store<f64>(at, load<f64>(at) + error * error);
}

/**
 * Adds the squared errors of `rows` rows at `points` points to `sums` (float64, one a point).
 *
 * x: rows × features; y: rows; firstWeights: features × (centre, direction) × first;
 * secondWeights: first × second/4 × (4 centre, 4 direction); outputs: points × second;
 * alphas: points, evenly spaced from `start` in steps of 1/inverseStep. `first` and `second` are
 * multiples of 4, padded with zero weights.
 * Scratch: a, b, actives, switches, list and next (first × 4 bytes each), heads ((points + 1) × 4),
 * quadratics (second × 12).
 */
export function addSquaredErrors(
  x: usize, y: usize, rows: i32, features: i32, first: i32, second: i32,
  firstWeights: usize, secondWeights: usize, outputs: usize,
  alphas: usize, points: i32, start: f32, inverseStep: f32, floor: f32,
  a: usize, b: usize, actives: usize, switches: usize, list: usize, next: usize, heads: usize,
  quadratics: usize, sums: usize,
): void {
  const lowest = f32x4.splat(floor);
  const secondBytes: usize = <usize>second * 4;
  const unitBytes: usize = <usize>second * 8;
  const quadraticsEnd: usize = quadratics + <usize>second * 12;
  // A point's head is the first unit that switches there, plus one; `next` chains them.
  memory.fill(heads, 0, (<usize>points + 1) * 4);

  for (let row: i32 = 0; row < rows; row++) {
    firstLayer(
      x + <usize>row * <usize>features * 4, features, first, firstWeights, points, start, inverseStep,
      a, b, actives, switches,
    );
    let end = list;
    for (let unit: i32 = 0; unit < first; unit++) {
      const at: usize = <usize>unit * 4;
      store<i32>(end, unit);
      end += load<i32>(actives + at) * 4;
      // Without a branch: what does not switch goes to the point beyond the last, which nobody visits.
      const head = heads + <usize>load<i32>(switches + at) * 4;
      store<i32>(next + at, load<i32>(head));
      store<i32>(head, unit + 1);
    }
    sumUnits(list, end, a, b, secondWeights, second, quadratics);

    const target = <f64>load<f32>(y + <usize>row * 4);
    let point: i32 = 0;
    while (point < points) {
      const head = heads + <usize>point * 4;
      let chain = load<i32>(head);
      if (chain != 0) {
        store<i32>(head, 0);
        do {
          const unit: usize = <usize>(chain - 1);
          const ub = load<f32>(b + unit * 4);
          const sign: f32 = ub < 0 ? -1 : 1;
          const ua = sign * load<f32>(a + unit * 4);
          addUnit(ua, sign * ub, secondWeights + unit * unitBytes, second, quadratics);
          chain = load<i32>(next + unit * 4);
        } while (chain != 0);
      }
      let output = outputs + <usize>point * secondBytes;
      const alpha = v128.load32_splat(alphas + <usize>point * 4);
      if (point + 1 < points && load<i32>(head, 4) == 0) {
        // No unit switches at the next point: both share the quadratics.
        const alpha2 = v128.load32_splat(alphas + <usize>point * 4, 4);
        let sum = f32x4.splat(0);
        let sum2 = f32x4.splat(0);
        for (let q = quadratics; q < quadraticsEnd; q += 48) {
          const q0 = v128.load(q);
          const q1 = v128.load(q, 16);
          const q2 = v128.load(q, 32);
          const value = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(q2, alpha), q1), alpha), q0);
          const value2 = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(q2, alpha2), q1), alpha2), q0);
          sum = f32x4.add(sum, f32x4.mul(f32x4.pmax(value, lowest), v128.load(output)));
          sum2 = f32x4.add(sum2, f32x4.mul(f32x4.pmax(value2, lowest), v128.load(output + secondBytes)));
          output += 16;
        }
        addError(sums, point, lanesSum(sum), target);
        addError(sums, point + 1, lanesSum(sum2), target);
        point += 2;
      } else {
        let sum = f32x4.splat(0);
        for (let q = quadratics; q < quadraticsEnd; q += 48) {
          const value = f32x4.add(
            f32x4.mul(f32x4.add(f32x4.mul(v128.load(q, 32), alpha), v128.load(q, 16)), alpha),
            v128.load(q),
          );
          sum = f32x4.add(sum, f32x4.mul(f32x4.pmax(value, lowest), v128.load(output)));
          output += 16;
        }
        addError(sums, point, lanesSum(sum), target);
        point++;
      }
    }
  }
}
