// Sorts tables by any column, with pointer or keyboard.

import { format } from "../language.js";

/** The sort key of a cell: its exact number or its text; undefined for a dash. */
function sortKey(row: HTMLTableRowElement, column: number): number | string | undefined {
  const cell = row.cells[column]!;
  const { value } = cell.dataset;
  if (value !== undefined) return Number.isNaN(Number(value)) ? undefined : Number(value);
  const text = (cell.textContent ?? "").trim();
  return text === "–" || text === "" ? undefined : text;
}

function compareKeys(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  // Numbers before words.
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return String(a).localeCompare(String(b), format.code, { numeric: true });
}

/** The rows sorted by a column. Rows without a value come last in both directions; equal rows keep their order. */
function sortedRows(
  rows: readonly HTMLTableRowElement[],
  column: number,
  direction: Direction,
): HTMLTableRowElement[] {
  const sign = direction === "descending" ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [sortKey(one, column), sortKey(other, column)];
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined);
    return sign * compareKeys(a, b);
  });
}

type Direction = "none" | "ascending" | "descending";

const following: Record<Direction, Direction> = {
  none: "ascending",
  ascending: "descending",
  descending: "none",
};

function makeSortable(table: HTMLTableElement): void {
  const body = table.tBodies[0]!;
  const original = [...body.rows];
  const headings = [...table.tHead!.rows[0]!.cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const direction = following[heading.getAttribute("aria-sort") as Direction];
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", direction);
      body.replaceChildren(
        ...(direction === "none" ? original : sortedRows(original, column, direction)),
      );
    });
  });
}

/** Turns the headings of sortable tables into buttons: ascending, descending, original order. */
export function setUpSorting(): void {
  const tables = document.querySelectorAll<HTMLTableElement>("table[data-sortable]");
  for (const table of tables) makeSortable(table);
}
