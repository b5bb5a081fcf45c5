// The page's numbers: short arrays as they are, long ones packed.

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

/** Reads arrays of numbers; gaps are NaN. Each packed one is unpacked once, when it is first asked for. */
export function numberReader(arrays: readonly PackedArray[]): ReadNumbers {
  const unpacked: Float64Array[] = [];
  return (numbers) => {
    if (Array.isArray(numbers)) return Float64Array.from(numbers, (value) => value ?? NaN);
    return (unpacked[numbers.packed] ??= unpack(arrays[numbers.packed]!));
  };
}

/** A figure with its numbers in place. */
export function readFigure(figure: DrawnFigure, read: ReadNumbers): ReadFigure {
  if (figure.kind === "lines") {
    return {
      ...figure,
      // A spare is unpacked when it is chosen.
      series: figure.series.map((one): ReadSeries =>
        // What reads a spare before it is chosen looks at its other fields alone.
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
