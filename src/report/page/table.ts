import type { Language } from "../../language/index.js";
import type { Cell, FactTable } from "../figures/figure.js";
import { escapeHtml, prose } from "./escape.js";
import { linksHtml } from "./links.js";
import { pathFrom } from "./paths.js";

interface TableOptions {
  language: Language;
  id: string;
  /** Of its heading. */
  level: number;
  /** The page's, for links to files. */
  folder: string | undefined;
  /** Whether its title is seen, and not only heard. */
  isTitled: boolean;
}

export function tableHtml(table: FactTable, options: TableOptions): string {
  const { language, id, level, folder, isTitled } = options;
  const isFacts = table.columns.length === 2;
  const isNumeric = table.columns.map(
    (_, column) =>
      column > 0 && !isFacts && table.rows.some((row) => typeof row[column] === "number"),
  );
  const hasNames = table.rows.some(([name]) => typeof name === "string" && name.length > 14);
  const style = isFacts ? "facts" : hasNames ? "names" : "";
  const isSortable = table.sortable === true && table.rows.length > 1;
  const barOf = (row: number, column: number): string => {
    const share = table.bars?.column === column ? table.bars.shares[row] : undefined;
    return share === undefined ? "" : ` data-bar style="--bar: ${(100 * share).toFixed(1)}%"`;
  };
  const cell = (value: Cell, column: number, row: number): string => {
    const text = textOfCell(language, value);
    const exact =
      typeof value === "number"
        ? ` title="${language.exact(value)}"${isSortable ? ` data-value="${String(value)}"` : ""}`
        : "";
    const bar = barOf(row, column);
    const alignment = `${isNumeric[column] === true ? ' class="number"' : ""}${bar}`;
    return column === 0
      ? `<th scope="row"${exact}>${isFacts ? prose(text) : escapeHtml(text)}</th>`
      : `<td${alignment}${exact}>${escapeHtml(text)}</td>`;
  };
  const head = table.columns
    .map(
      (name, column) =>
        `<th scope="col"${isNumeric[column] === true ? ' class="number"' : ""}>${prose(name)}</th>`,
    )
    .join("");
  const rows = table.rows
    .map((cells, row) => `<tr>${cells.map((one, column) => cell(one, column, row)).join("")}</tr>`)
    .join("\n");
  return `<div class="table" id="${id}">
<h${level} class="block-title${isTitled ? "" : " hidden"}" id="${id}-title">${escapeHtml(table.title)}</h${level}>
<div class="scroll" role="region" aria-labelledby="${id}-title"${isFacts ? "" : ' tabindex="0"'}>
<table${style === "" ? "" : ` class="${style}"`}${isSortable ? " data-sortable" : ""} aria-labelledby="${id}-title">
<thead><tr>${head}</tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>
${table.caption === undefined ? "" : `<p class="table-caption">${prose(table.caption)}</p>`}
${linksHtml(language.texts, table.data ?? [], folder)}
</div>`;
}

/** A number as people read it, a text, or a path. */
function textOfCell(language: Language, cell: Cell): string {
  if (typeof cell === "object") return pathFrom(undefined, cell.path);
  return typeof cell === "number" ? language.number(cell) : cell;
}
