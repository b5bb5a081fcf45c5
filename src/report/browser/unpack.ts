// Reads the numbers of a page.

import type { DrawnFigure } from "../figures/drawn.js";
import type { PackedArray, PackedNumbers } from "../figures/packing.js";
import type { ReadFigure, ReadSeries } from "./types.js";

export type ReadNumbers = (numbers: PackedNumbers) => Float64Array;

function unpack({ type, base64 }: PackedArray): Float64Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const read: Record<PackedArray["type"], (at: number) => number> = {
    i4: (at) => view.getInt32(at * 4, true),
    f4: (at) => view.getFloat32(at * 4, true),
    f8: (at) => view.getFloat64(at * 8, true),
  };
  const length = bytes.length / (type === "f8" ? 8 : 4);
  return Float64Array.from({ length }, (_, index) => read[type](index));
}

/** Reads arrays of numbers. Gaps are NaN. A packed array is unpacked once, on first use. */
export function numberReader(arrays: readonly PackedArray[]): ReadNumbers {
  const unpacked: Float64Array[] = [];
  return (numbers) => {
    if (Array.isArray(numbers)) return Float64Array.from(numbers, (value) => value ?? NaN);
    return (unpacked[numbers.packed] ??= unpack(arrays[numbers.packed]!));
  };
}

/** Reads the numbers of a figure. */
export function readFigure(figure: DrawnFigure, read: ReadNumbers): ReadFigure {
  if (figure.kind === "lines") {
    return {
      ...figure,
      series: figure.series.map((one): ReadSeries =>
        // A spare is unpacked when it is selected. Before that only its other fields are read.
        one.isSpare ? (one as unknown as ReadSeries) : { ...one, x: read(one.x), y: read(one.y) },
      ),
      bands: figure.bands.map((band) => ({
        ...band,
        x: read(band.x),
        low: read(band.low),
        high: read(band.high),
      })),
      ball: figure.ball && { x: read(figure.ball.x), y: read(figure.ball.y) },
      frames: figure.frames?.map(read),
    };
  }
  return {
    ...figure,
    xs: read(figure.xs),
    ys: read(figure.ys),
    zs: figure.zs.map(read),
    marks: figure.marks.map((mark) => ({
      ...mark,
      x: read(mark.x),
      y: read(mark.y),
      z: read(mark.z),
    })),
    ball: figure.ball && {
      x: read(figure.ball.x),
      y: read(figure.ball.y),
      z: read(figure.ball.z),
    },
  };
}
