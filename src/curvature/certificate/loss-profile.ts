/** The mean loss and its derivatives at evenly spaced points of a line, both ends included. In float64, without bounds. */
export interface LossProfile {
  alpha: Float64Array;
  loss: Float64Array;
  slope: Float64Array;
  secondDerivative: Float64Array;
}

/** Points of a profile. */
const POINTS = 1001;

/** Follows the mean loss along a line, by its second derivative and its kinks. */
export interface ProfileTracer {
  /** Goes on to `to`, on a piece with this second derivative, a quartic in α. */
  pass(bend: Float64Array, to: number): void;
  /** The slope changed by `change`; `moment` is the sum of the changes, each times its α. */
  turn(change: number, moment: number): void;
  readonly profile: LossProfile;
}

export function createProfileTracer(
  line: { from: number; to: number },
  begin: { loss: number; slope: number },
): ProfileTracer {
  const alpha = Float64Array.from({ length: POINTS }, (_, at) => {
    const part = at / (POINTS - 1);
    return line.from * (1 - part) + line.to * part;
  });
  const [losses, slopes, bends] = [0, 0, 0].map(() => new Float64Array(POINTS)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const shifted = new Float64Array(5);
  let { loss, slope } = begin;
  let position = line.from;
  let next = 0;

  /** The second derivative as a polynomial in α − position. */
  function shift(bend: Float64Array): void {
    shifted.set(bend);
    for (let first = 0; first < 4; first++) {
      for (let k = 3; k >= first; k--) shifted[k]! += position * shifted[k + 1]!;
    }
  }

  function moved(step: number): [loss: number, slope: number, bend: number] {
    let [double, single, bend] = [0, 0, 0];
    for (let k = 4; k >= 0; k--) {
      bend = bend * step + shifted[k]!;
      single = single * step + shifted[k]! / (k + 1);
      double = double * step + shifted[k]! / ((k + 1) * (k + 2));
    }
    return [loss + step * (slope + step * double), slope + step * single, bend];
  }

  return {
    pass(bend, to) {
      shift(bend);
      for (; next < POINTS && (alpha[next]! < to || to >= line.to); next++) {
        [losses[next], slopes[next], bends[next]] = moved(alpha[next]! - position) as [
          number,
          number,
          number,
        ];
      }
      [loss, slope] = moved(to - position);
      position = to;
    },
    turn(change, moment) {
      slope += change;
      loss += change * position - moment;
    },
    profile: { alpha, loss: losses, slope: slopes, secondDerivative: bends },
  };
}
