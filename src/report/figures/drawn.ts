import type { LineFigure, Probe, Series } from "./figure.js";
import type { PackedNumbers } from "./packing.js";

/*
 * Figures as the page's script reads them: plain JSON, their numbers packed.
 */

export type DrawnFigure = DrawnLines | DrawnSurface;

export interface DrawnAxis {
  title: string;
  symbol: string;
  scale: "linear" | "log";
  range?: [number, number];
}

export interface DrawnSeries {
  name: string;
  role: NonNullable<Series["role"]>;
  x: PackedNumbers;
  y: PackedNumbers;
  /** A colour of the palette by number, or a position, 0 … 1, along the ramp. */
  colour: { palette: number } | { ramp: number };
  /** The lowest point, if it is marked. */
  lowest?: { x: number; y: number };
  /** In the page, but drawn only when a reader selects it. */
  isSpare?: true;
}

export interface DrawnLines {
  kind: "lines";
  id: string;
  x: DrawnAxis;
  y: DrawnAxis;
  series: DrawnSeries[];
  bands: { name: string; x: PackedNumbers; low: PackedNumbers; high: PackedNumbers }[];
  span?: NonNullable<LineFigure["span"]>;
  shades?: NonNullable<LineFigure["shades"]>;
  ball?: Record<"x" | "y", PackedNumbers>;
  frames?: PackedNumbers[];
  probe?: Probe;
}

export interface DrawnSurface {
  kind: "surface";
  id: string;
  view: "3d" | "map";
  x: DrawnAxis;
  y: DrawnAxis;
  z: DrawnAxis;
  xs: PackedNumbers;
  ys: PackedNumbers;
  zs: PackedNumbers[];
  marks: {
    name: string;
    role: "points" | "path";
    x: PackedNumbers;
    y: PackedNumbers;
    z: PackedNumbers;
    labels?: string[];
  }[];
  cut?: { name: string; x: [number, number]; y: [number, number] };
  ball?: Record<"x" | "y" | "z", PackedNumbers>;
}

/** The scrubber of a section, for the page's script. */
export interface DrawnScrubber {
  /** The id of the section. */
  id: string;
  steps: number[];
  readouts: { name: string; values: PackedNumbers }[];
}
