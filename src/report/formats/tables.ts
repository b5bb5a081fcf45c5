import type { FactTable, Figure, LineFigure, SurfaceFigure } from "../figures/figure.js";

/** A figure or a table as columns of equal length. */
export interface Columns {
  names: string[];
  values: (string | number)[][];
}

/** A figure's numbers, a row for each point, or a table's cells. */
export function tableColumns(block: Figure | FactTable): Columns {
  if (block.kind === "table") {
    return {
      names: block.columns.map(
        (name, index) => name || (index === 0 ? "name" : `column ${index + 1}`),
      ),
      values: block.columns.map((_, column) =>
        block.rows.map((row) => {
          const cell = row[column] ?? "";
          return typeof cell === "object" ? cell.path : cell;
        }),
      ),
    };
  }
  return block.kind === "lines" ? columnsOfLines(block) : columnsOfSurface(block);
}

function columnsOfLines(figure: LineFigure): Columns {
  const values: [string[], string[], number[], number[]] = [[], [], [], []];
  const add = (name: string, role: string, x: ArrayLike<number>, y: ArrayLike<number>): void => {
    for (let index = 0; index < Math.min(x.length, y.length); index++) {
      values[0].push(name);
      values[1].push(role);
      values[2].push(x[index] ?? NaN);
      values[3].push(y[index] ?? NaN);
    }
  };
  for (const { name, role, x, y } of figure.series) add(name, role ?? "line", x, y);
  for (const { name, x, low, high } of figure.bands ?? []) {
    add(name, "band low", x, low);
    add(name, "band high", x, high);
  }
  return { names: ["series", "role", "x", "y"], values };
}

function columnsOfSurface(figure: SurfaceFigure): Columns {
  const values: [string[], string[], number[], number[], number[]] = [[], [], [], [], []];
  const add = (name: string, role: string, ...point: [number, number, number]): void => {
    values[0].push(name);
    values[1].push(role);
    for (const [axis, value] of point.entries()) (values[axis + 2] as number[]).push(value);
  };
  figure.zs.forEach((row, j) => {
    for (let i = 0; i < row.length; i++)
      add("surface", "surface", figure.xs[i] ?? NaN, figure.ys[j] ?? NaN, row[i] ?? NaN);
  });
  for (const { name, role, x, y, z } of figure.marks ?? []) {
    for (let index = 0; index < x.length; index++)
      add(name, role ?? "points", x[index] ?? NaN, y[index] ?? NaN, z[index] ?? NaN);
  }
  return { names: ["series", "role", "x", "y", "z"], values };
}

/** Comma-separated values (RFC 4180) with a header. */
export function toCsv({ names, values }: Columns): string {
  const lines = [names.map(csvCell).join(",")];
  const rows = values[0]?.length ?? 0;
  for (let row = 0; row < rows; row++)
    lines.push(values.map((column) => csvCell(column[row] ?? "")).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** Spreadsheets evaluate text that begins like a formula. A quote before it prevents this. */
function csvCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
