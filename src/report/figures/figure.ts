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
  /** `batch`: one of many thin lines; `mean`: the thick line through them; `reference`: dashed; `points`: markers alone. */
  role?: "line" | "batch" | "mean" | "reference" | "points";
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
  /** The files with its numbers. */
  data?: DataLink[];
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
}

export type Figure = LineFigure | SurfaceFigure;

/** A table: facts of a dataset, settings, results. */
export interface FactTable {
  kind: "table";
  id: string;
  title: string;
  caption?: string;
  /** Column headings; often just a name and a value. */
  columns: string[];
  rows: (string | number)[][];
  /** Whether a reader can sort the rows by any column. Default false. */
  sortable?: boolean;
  /** Files that the rows refer to. */
  data?: DataLink[];
}

/** A heading with text, figures and tables about one subject. */
export interface ReportSection {
  /** Unique within a report: lower-case letters, digits and hyphens. */
  id: string;
  title: string;
  /** One or two sentences under the heading. */
  text?: string;
  /** A prominent note, such as that a run diverged. */
  notice?: string;
  /** The part of the report that it belongs to. A heading above the first section names the part. */
  part?: string;
  /** The command line that reproduces its content. */
  command?: string;
  blocks: (Figure | FactTable)[];
}
