export interface Axis {
  /** What it shows, with the unit. */
  title: string;
  /** A short name for the value under the pointer, such as `α`. Default: the title up to its first comma or bracket. */
  symbol?: string;
  scale?: "linear" | "log";
  /** Range to show; default: all of the data. */
  range?: [number, number];
}

/** One line, or set of points, of a figure. */
export interface Series {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** `batch`: one of many thin lines; `mean`: the thick line through them; `reference`: dashed; `points`: markers alone; `cloud`: many small ones; `ticks`: short upright lines alone. */
  role?: "line" | "batch" | "mean" | "reference" | "points" | "cloud" | "ticks";
  /** Whether the lowest point is marked. Default false. */
  lowest?: boolean;
}

/** A band between two curves over the same x (a spread around a mean). */
export interface Band {
  name: string;
  x: ArrayLike<number>;
  low: ArrayLike<number>;
  high: ArrayLike<number>;
}

/** A file with all numbers of a figure. */
export interface DataLink {
  /** Absolute. */
  file: string;
  /** Its content, in a few words. */
  what: string;
}

interface FigureHead {
  /** Unique within a report: lower-case letters, digits and hyphens. */
  id: string;
  title: string;
  /** One sentence on what to look for. */
  caption: string;
  /** Whether a wide screen shows it beside the figure before it. Default false. */
  beside?: boolean;
  /** Whether it is one of several small figures beside each other. Default false. */
  small?: boolean;
  /** The files with its numbers. */
  data?: DataLink[];
}

/** Shaded ranges of the horizontal axis. */
export interface Shade {
  name: string;
  ranges: [from: number, to: number][];
}

/** A chart of lines and points. */
export interface LineFigure extends FigureHead {
  kind: "lines";
  x: Axis;
  y: Axis;
  series: Series[];
  bands?: Band[];
  /** A marked range of the horizontal axis, such as the range of a zoom. */
  span?: { name: string; from: number; to: number };
  /** Ranges of the horizontal axis that have something in common, shaded. */
  shades?: Shade[];
  /** The ball's position at each step of the section's scrubber. */
  ball?: Record<"x" | "y", ArrayLike<number>>;
  /** The values y of the first series at each step of the section's scrubber; the series itself has the last ones. */
  frames?: ArrayLike<number>[];
  /** Lets a reader probe slices: losses and slopes at an α, and a gradient step from there. */
  probe?: Probe;
}

/** What the readout of slices needs besides the curves. */
export interface Probe {
  /** ‖d‖, the Euclidean length of the direction: a step −η∇L moves α by −η·L′(α)/‖d‖². */
  norm: number;
}

/** Points marked on a surface; a `path` is also drawn as a line from its first point to its last. */
export interface SurfaceMark {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  z: ArrayLike<number>;
  /** Default `points`. */
  role?: "points" | "path";
  /** A label for each point of a path, such as its step. */
  labels?: string[];
}

/** A surface z over a grid, with points and paths on it. */
export interface SurfaceFigure extends FigureHead {
  kind: "surface";
  /** In three dimensions, or from above as a map with contour lines. Default `3d`. */
  view?: "3d" | "map";
  x: Axis;
  y: Axis;
  /** On a logarithmic axis, colours and contour lines are logarithmic as well. */
  z: Axis;
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  /** zs[j][i] belongs to (xs[i], ys[j]). */
  zs: ArrayLike<number>[];
  marks?: SurfaceMark[];
  /** An upright, transparent plane through two points of the ground. */
  cut?: { name: string; x: [number, number]; y: [number, number] };
  /** The ball's position at each step of the section's scrubber. */
  ball?: Record<"x" | "y" | "z", ArrayLike<number>>;
}

export type Figure = LineFigure | SurfaceFigure;

/** A path in a table, absolute. A report shows it relative to itself. */
export interface PathCell {
  path: string;
}

export type Cell = string | number | PathCell;

/** A table: facts of a dataset, settings, results. */
export interface FactTable {
  kind: "table";
  id: string;
  title: string;
  caption?: string;
  /** Column headings; often just a name and a value. */
  columns: string[];
  rows: Cell[][];
  /** Whether a reader can sort the rows by any column. Default false. */
  sortable?: boolean;
  /** Bars behind the cells of a column: the share of its width that each row's bar takes, 0 … 1. */
  bars?: { column: number; shares: number[] };
  /** Files that the rows refer to. */
  data?: DataLink[];
}

/** The steps of a training, through which a reader moves all figures of a section at once. */
export interface Scrubber {
  steps: number[];
  /** Values that are shown beside the step, such as the loss, one for each step. */
  readouts: { name: string; values: ArrayLike<number> }[];
}

/**
 * One subject: a claim, its figures with their captions, and below them, folded, what it was made from: text, tables,
 * files and the command. A section without figures is folded as a whole.
 */
export interface ReportSection {
  /** Unique within a report: lower-case letters, digits and hyphens. */
  id: string;
  /** The claim: what the figures show, in a sentence without a full stop. */
  title: string;
  /** Its name in the contents. Default: the title. */
  name?: string;
  /** How the figures were made; folded. */
  text?: string;
  /** A prominent note, such as that a run diverged. */
  notice?: string;
  /** The part of the report that it belongs to. A heading above the first section names the part. */
  part?: string;
  /** The command line that reproduces its content. Its paths are absolute; a report shows them relative to itself. */
  command?: string;
  /** Shows its tables unfolded, since they are what it is about. Default false. */
  open?: boolean;
  scrubber?: Scrubber;
  blocks: (Figure | FactTable)[];
}
