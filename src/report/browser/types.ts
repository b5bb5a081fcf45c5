import type { DrawnAxis, DrawnLines, DrawnSeries, DrawnSurface } from "../figures/drawn.js";

/*
 * The types of the page's modules. A `ReadFigure` is a `DrawnFigure` whose numbers are unpacked. Traces and layouts
 * are records for Plotly, since plotly.js-dist-min has no types.
 */

/** A series with its numbers; those of a spare are unpacked when it is selected. */
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

export interface ReadLines extends Omit<DrawnLines, "series" | "bands" | "ball" | "frames"> {
  series: ReadSeries[];
  bands: ReadBand[];
  ball?: Record<"x" | "y", Float64Array> | undefined;
  frames?: Float64Array[] | undefined;
}

export interface ReadMark extends Omit<DrawnSurface["marks"][number], "x" | "y" | "z"> {
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
}

export interface ReadSurface extends Omit<DrawnSurface, "xs" | "ys" | "zs" | "marks" | "ball"> {
  ball?: Record<"x" | "y" | "z", Float64Array> | undefined;
  xs: Float64Array;
  ys: Float64Array;
  zs: Float64Array[];
  marks: ReadMark[];
}

export type ReadFigure = ReadLines | ReadSurface;

export type AxisData = DrawnAxis;

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The page's colours and its font. */
export interface ThemeColours {
  paper: string;
  raised: string;
  ink: string;
  muted: string;
  rule: string;
  band: string;
  ball: string;
  series: string[];
  ramp: string[];
  font: string;
}

/** A Plotly trace. The named fields are those that the page itself reads. */
export interface Trace {
  x?: unknown;
  y?: unknown;
  name?: string;
  mode?: string;
  hovertemplate?: string | null;
  zorder?: number;
  [field: string]: unknown;
}

/** A line or markers to paint on a canvas. */
export interface Stroke {
  /** The legend entry that shows or hides it. */
  key: EntryKey;
  name: string;
  x: PlotNumbers;
  y: PlotNumbers;
  mode: string;
  zorder: number;
  /** Undefined for markers alone. */
  line?: { color: string; width: number; dash?: string };
  marker: Marker;
  /** Default 1. */
  opacity?: number;
}

export interface Marker {
  size: number;
  color: string;
  line: { color: string; width: number };
  symbol?: string;
  opacity?: number;
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

/** The index of a legend entry; curves along a ramp share one. */
export type EntryKey = number | "folded";

/** A legend entry with the traces that it shows or hides. */
export interface Entry {
  name: string;
  swatch: Swatch;
  traces: Trace[];
  /** Whether it is one of many curves that share an entry. */
  isFolded?: boolean;
  /** Whether it cannot be hidden. */
  isFixed?: boolean;
  /** Whether the legend lists it. Default true. */
  isListed?: boolean;
  strokes?: Stroke[];
}

export interface DescribedChart {
  entries: Entry[];
  layout: Record<string, unknown>;
  data: Trace[];
}

/** A chart on the page. */
export interface Chart {
  /** Undefined until the first figure has arrived. */
  drawn?: ReadFigure;
  figure: HTMLElement;
  container: PlotlyElement;
  legend: HTMLElement;
  hidden: Set<EntryKey>;
  isDrawn: boolean;
  /** Whether it is drawn in three dimensions. */
  isSurface: boolean;
  /** The width, in pixels, at which it was last drawn. */
  width: number;
  noted?: boolean;
  /** The range of x that is zoomed into. */
  view?: [number, number];
  /** The series that a reader selected. */
  chosen?: ReadSeries;
  /** The name of the curve under the pointer. */
  pointed?: string;
  /** The strokes on the canvas; undefined if the chart is not painted. */
  strokes?: Stroke[];
  config?: Record<string, unknown>;
  /** On the watch page: the name of the figure. */
  name?: string;
  /** The scrubber's position; undefined: the last. */
  frame?: number;
  /** Called whenever the chart has been drawn or its axes have moved. */
  onAxes?: () => void;
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
  /** The traces of the chart. */
  data: Trace[];
  _fullLayout: { xaxis: PlotlyAxis; yaxis: PlotlyAxis; scene?: { camera: Camera } };
}

/** Where the camera of a surface stands, and what it looks at. */
export interface Camera {
  eye: Point3;
  center: Point3;
}

export interface Point3 {
  x: number;
  y: number;
  z: number;
}

export interface PlotlyLibrary {
  register(module: object): void;
  newPlot(container: HTMLElement, data: Trace[], layout: object, config: object): Promise<unknown>;
  react(container: HTMLElement, data: Trace[], layout: object, config: object): Promise<unknown>;
  restyle(container: HTMLElement, update: object, traces: number[]): Promise<unknown>;
  relayout(container: HTMLElement, update: object): Promise<unknown>;
  downloadImage(figure: object, options: object): Promise<unknown>;
  Icons: { camera: unknown };
}

declare global {
  // Defined by plotly.js, a separate script in the page; undefined if that did not start.
  var Plotly: PlotlyLibrary;
}

/** An element of the page. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found;
}

/** A descendant of an element. */
export function within<Found extends HTMLElement>(parent: ParentNode, selector: string): Found {
  const found = parent.querySelector<Found>(selector);
  if (found === null) throw new Error(`The page has no element ${selector}.`);
  return found;
}
