// Tables that can be sorted by any column, by pointer or keyboard.

/** What a cell is sorted by: its exact number, or its text; nothing where it holds a dash. */
function sortKey(row, column) {
  const cell = row.cells[column];
  const { value } = cell.dataset;
  if (value !== undefined) return Number.isNaN(Number(value)) ? undefined : Number(value);
  const text = cell.textContent.trim();
  return text === "–" || text === "" ? undefined : text;
}

function compareKeys(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  // Numbers before words.
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a.localeCompare(b, "en", { numeric: true });
}

/** The rows by a column; those that have nothing there come last either way, and equal ones stay in order. */
function sortedRows(rows, column, direction) {
  const sign = direction === "descending" ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [sortKey(one, column), sortKey(other, column)];
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined);
    return sign * compareKeys(a, b);
  });
}

const following = { none: "ascending", ascending: "descending", descending: "none" };

function makeSortable(table) {
  const [body] = table.tBodies;
  const original = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const direction = following[heading.getAttribute("aria-sort")];
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", direction);
      body.replaceChildren(
        ...(direction === "none" ? original : sortedRows(original, column, direction)),
      );
    });
  });
}

/** Makes the headings of the page's sortable tables into buttons: ascending, descending, as it was. */
export function setUpSorting() {
  for (const table of document.querySelectorAll("table[data-sortable]")) makeSortable(table);
}
