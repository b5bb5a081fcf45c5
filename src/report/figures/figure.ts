/** An axis: what it shows, with its unit where it has one. */
export interface Axis {
  title: string;
  /** A short name for the value under the pointer, such as `α`; default: the title up to its first comma or bracket. */
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
  /** Mark the lowest point in the series' own colour. Default false. */
  lowest?: boolean;
}

/** A band between two curves over the same x (a spread around a mean). */
export interface Band {
  name: string;
  x: ArrayLike<number>;
  low: ArrayLike<number>;
  high: ArrayLike<number>;
}

/** A file that holds all the numbers behind a figure. */
export interface DataLink {
  /** Absolute. */
  file: string;
  /** What is in it, in a few words. */
  what: string;
}

interface FigureHead {
  /** Unique within a report: lower-case letters, digits and hyphens. */
  id: string;
  title: string;
  /** One sentence on what to look for. */
  caption: string;
  /** Whether it stands beside the figure before it where the screen is wide, and below it elsewhere. Default false. */
  beside?: boolean;
  /** Where the figure's numbers are. */
  data?: DataLink[];
}

/** A chart of lines and points. */
export interface LineFigure extends FigureHead {
  kind: "lines";
  x: Axis;
  y: Axis;
  series: Series[];
  bands?: Band[];
  /** A stretch of the horizontal axis that is pointed out, such as the one that another figure zooms into. */
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
  /** What a point of a path is told by, such as its step. */
  labels?: string[];
}

/** A surface z over a grid, with points and paths on it. */
export interface SurfaceFigure extends FigureHead {
  kind: "surface";
  /** In three dimensions, or from above as a map with contour lines. Default `3d`. */
  view?: "3d" | "map";
  x: Axis;
  y: Axis;
  /** On a logarithmic axis the colours and the contour lines go by the logarithm too. */
  z: Axis;
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  /** zs[j][i] belongs to (xs[i], ys[j]). */
  zs: ArrayLike<number>[];
  marks?: SurfaceMark[];
  /** An upright plane through two points of the ground, drawn see-through. */
  cut?: { name: string; x: [number, number]; y: [number, number] };
}

export type Figure = LineFigure | SurfaceFigure;

/** Rows of names and values: a dataset's facts, settings, results. */
export interface FactTable {
  kind: "table";
  id: string;
  title: string;
  caption?: string;
  /** Column headings; two columns (name, value) is the usual form. */
  columns: string[];
  rows: (string | number)[][];
  /** Whether a reader may sort the rows by any column. Default false. */
  sortable?: boolean;
  /** Files that the rows speak of. */
  data?: DataLink[];
}

/** A part of a report under one heading. */
export interface ReportSection {
  /** Unique within a report: lower-case letters, digits and hyphens. */
  id: string;
  title: string;
  /** A sentence or two under the heading. */
  text?: string;
  /** A note that must not be overlooked, such as that epochs were shortened. */
  notice?: string;
  /** The part of the report that the section belongs to; the part's heading stands above its first section. */
  part?: string;
  /** The command line that makes what the section shows again. */
  command?: string;
  blocks: (Figure | FactTable)[];
}
