// Reads the numbers of a page.

import type { DrawnFigure } from "../figures/drawn.js";
import type { PackedArray, PackedNumbers } from "../figures/packing.js";
import type { ReadFigure, ReadSeries } from "./types.js";

export type ReadNumbers = (numbers: PackedNumbers) => Float64Array;

function unpack({ type, base64 }: PackedArray): Float64Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = type === "i4" ? 4 : 8;
  return Float64Array.from({ length: bytes.length / size }, (_, index) =>
    type === "i4" ? view.getInt32(index * 4, true) : view.getFloat64(index * 8, true),
  );
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
  };
}
