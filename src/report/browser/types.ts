import type { DrawnAxis, DrawnLines, DrawnSeries, DrawnSurface } from "../figures/drawn.js";

/*
 * What the modules of the page share. Figures come as JSON (`DrawnFigure`); here their numbers are in
 * place. Traces and layouts are Plotly's: open records, since plotly.js-dist-min has no types.
 */

/** A series whose numbers are in place; those of a spare come when it is chosen. */
export interface ReadSeries extends Omit<DrawnSeries, "x" | "y"> {
  x: Float64Array;
  y: Float64Array;
}

export interface ReadBand {
  name: string;
  x: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

export interface ReadLines extends Omit<DrawnLines, "series" | "bands"> {
  series: ReadSeries[];
  bands: ReadBand[];
}

export interface ReadMark extends Omit<DrawnSurface["marks"][number], "x" | "y" | "z"> {
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
}

export interface ReadSurface extends Omit<DrawnSurface, "xs" | "ys" | "zs" | "marks"> {
  xs: Float64Array;
  ys: Float64Array;
  zs: Float64Array[];
  marks: ReadMark[];
}

export type ReadFigure = ReadLines | ReadSurface;

export type Axis = DrawnAxis;

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The page's colours and its font. */
export interface Theme {
  paper: string;
  raised: string;
  ink: string;
  muted: string;
  rule: string;
  band: string;
  series: string[];
  ramp: string[];
  font: string;
}

/** A Plotly trace; the named fields are those that the page reads itself. */
export interface Trace {
  x?: unknown;
  y?: unknown;
  name?: string;
  mode?: string;
  hovertemplate?: string | null;
  zorder?: number;
  [field: string]: unknown;
}

/** A line of a chart as it is painted on a canvas. */
export interface Stroke {
  /** The entry of the legend that shows or hides it. */
  key: EntryKey;
  name: string;
  x: PlotNumbers;
  y: PlotNumbers;
  mode: string;
  zorder: number;
  /** Undefined for markers alone. */
  line?: { color: string; width: number; dash?: string };
  marker: Marker;
}

export interface Marker {
  size: number;
  color: string;
  line: { color: string; width: number };
  symbol?: string;
}

/** Numbers of a trace; gaps are null or NaN. */
export type PlotNumbers = Float64Array | (number | null)[];

export interface Swatch {
  fill?: string;
  stroke?: string | undefined;
  width?: number;
  dash?: string;
  symbol?: string | undefined;
  colour?: string;
  gradient?: readonly string[];
}

/** The place of an entry in the legend; curves along a ramp share one. */
export type EntryKey = number | "folded";

/** An entry of the legend, with the traces that appear and vanish together. */
export interface Entry {
  name: string;
  swatch: Swatch;
  traces: Trace[];
  /** One of many curves that share an entry. */
  isFolded?: boolean;
  /** Cannot be hidden. */
  isFixed?: boolean;
  strokes?: Stroke[];
}

export interface DescribedChart {
  entries: Entry[];
  layout: Record<string, unknown>;
  data: Trace[];
}

/** A chart on the page. */
export interface Chart {
  /** Undefined until the first figure has come. */
  drawn?: ReadFigure;
  figure: HTMLElement;
  place: PlotlyElement;
  legend: HTMLElement;
  hidden: Set<EntryKey>;
  isDrawn: boolean;
  /** Drawn in three dimensions. */
  isSurface: boolean;
  /** The width, in pixels, that it was drawn with. */
  width: number;
  noted?: boolean;
  /** The range of x that is zoomed into. */
  view?: [number, number];
  /** The series that is brought out. */
  chosen?: ReadSeries;
  /** The name of the curve under the pointer. */
  pointed?: string;
  /** What is painted on the canvas; undefined where nothing is. */
  strokes?: Stroke[];
  config?: Record<string, unknown>;
  /** On the watch page: the name that the figure came under. */
  name?: string;
}

/** An axis as Plotly keeps it. */
export interface PlotlyAxis {
  range: (number | string)[];
  type: "linear" | "log";
  _length: number;
  _offset: number;
}

export interface PlotlyElement extends HTMLElement {
  on(event: string, take: (data: never) => void): void;
  _fullLayout: { xaxis: PlotlyAxis; yaxis: PlotlyAxis };
}

export interface PlotlyLibrary {
  newPlot(place: HTMLElement, data: Trace[], layout: object, config: object): Promise<unknown>;
  react(place: HTMLElement, data: Trace[], layout: object, config: object): Promise<unknown>;
  downloadImage(figure: object, options: object): Promise<unknown>;
  Icons: { camera: unknown };
}

declare global {
  // The library is a script of its own in the page; undefined if it did not start.
  var Plotly: PlotlyLibrary;
}

/** An element that the page's own markup has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found;
}

/** A part of an element that the page's own markup has. */
export function within<Found extends HTMLElement>(parent: ParentNode, selector: string): Found {
  const found = parent.querySelector<Found>(selector);
  if (found === null) throw new Error(`The page has no element ${selector}.`);
  return found;
}
