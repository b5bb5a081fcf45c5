import { VERSION } from "../../common/version.js";
import { loadAssets, scriptHash } from "./assets.js";
import type { DrawnFigure } from "../figures/drawn.js";
import { prepareFigure } from "../figures/prepare.js";
import { escapeHtml, jsonForScript } from "./escape.js";
import type { FactTable, Figure, ReportSection } from "../figures/figure.js";
import { fittingShare, type Share } from "../figures/fit.js";
import { formatNumber } from "../../common/text/numbers.js";
import { linksHtml } from "./links.js";
import { createNumberPool, type NumberPool } from "../figures/packing.js";
import { themeStyle } from "./theme.js";

/** A whole report. */
export interface ReportDocument {
  title: string;
  /** A sentence under the title. */
  subtitle?: string;
  sections: ReportSection[];
  /** The command line that makes this report again. */
  command?: string;
}

/** In the first lines of every report, so that a report may be told from another HTML file. */
export const reportMark = '<meta name="generator" content="vadi">';

interface Writer {
  /** The figures in the order in which they appear. */
  figures: DrawnFigure[];
  numbers: NumberPool;
  share: Share;
  /** Where the page will be, for links to files beside it. */
  folder: string | undefined;
  used: Set<string>;
}

/**
 * The text of one HTML file that needs nothing else: data, chart library, script and style are in
 * it, and its content security policy forbids every request. Ids that occur twice get a number.
 *
 * @param folder the page's, absolute; links to data are relative to it
 */
export function renderReport(document: ReportDocument, folder?: string): string {
  const assets = loadAssets();
  const figures = document.sections
    .flatMap(({ blocks }) => blocks)
    .filter((block) => block.kind !== "table");
  const writer: Writer = {
    figures: [],
    numbers: createNumberPool(),
    share: fittingShare(figures),
    folder,
    used: new Set(["theme", "figures", "numbers", "contents", "main"]),
  };
  const sections = document.sections.map((section) => ({
    section,
    id: unique(writer, section.id),
  }));

  let part: string | undefined;
  const body = sections
    .map(({ section, id }) => {
      const heading =
        section.part !== undefined && section.part !== part
          ? `<h2 class="part">${escapeHtml(section.part)}</h2>\n`
          : "";
      part = section.part;
      return heading + sectionHtml(writer, section, id);
    })
    .join("\n");

  const style = `${themeStyle()}\n${assets.style}`;
  const policy = [
    "default-src 'none'",
    `script-src ${scriptHash(assets.plotly)} ${scriptHash(assets.script)}`,
    // plotly.js sets styles on the elements it makes.
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${reportMark}
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(document.title)}</title>
<style>
${style}
</style>
</head>
<body>
<header>
<p class="eyebrow">Report by vadi ${escapeHtml(VERSION)}</p>
<button type="button" id="theme" hidden>Dark</button>
<h1>${escapeHtml(document.title)}</h1>
${document.subtitle === undefined ? "" : `<p class="subtitle">${prose(document.subtitle)}</p>`}
${document.command === undefined ? "" : `<p class="made-by">Made with</p>\n${commandHtml(document.command)}`}
</header>
${sections.length > 3 ? contentsHtml(sections) : ""}
<main>
<noscript><p class="notice">The charts of this report are drawn by a script inside this file, and scripts are switched off here. The tables are complete.</p></noscript>
${body}
</main>
<footer>Everything on this page is inside this one file; it makes no request to any network.</footer>
<script type="application/json" id="numbers">${jsonForScript(writer.numbers.arrays)}</script>
<script type="application/json" id="figures">${jsonForScript(writer.figures)}</script>
<script>${assets.plotly}</script>
<script>${assets.script}</script>
</body>
</html>
`;
}

function unique(writer: Writer, wanted: string): string {
  const base = wanted.toLowerCase().replace(/[^a-z0-9-]+/g, "-") || "part";
  let id = base;
  for (let number = 2; writer.used.has(id); number++) id = `${base}-${number}`;
  writer.used.add(id);
  return id;
}

/** Sentences and names, whose equations stay on one line where there is room. */
function prose(text: string): string {
  return escapeHtml(text).replace(/ ([=−]) /g, "\u00a0$1\u00a0");
}

function commandHtml(command: string): string {
  // A line ends before an option, not within it nor before its value.
  const parts = command
    .split(/ (?=--)/)
    .flatMap((part, index) => (index === 0 ? part.split(" ") : part));
  return `<pre><code>${parts.map((part) => `<span>${escapeHtml(part)}</span>`).join(" ")}</code></pre>`;
}

function contentsHtml(sections: { section: ReportSection; id: string }[]): string {
  const items: string[] = [];
  let part: string | undefined;
  for (const { section, id } of sections) {
    if (section.part !== part) {
      if (part !== undefined) items.push("</ul></li>");
      if (section.part !== undefined) items.push(`<li>${escapeHtml(section.part)}<ul>`);
      part = section.part;
    }
    items.push(`<li><a href="#${id}">${escapeHtml(section.title)}</a></li>`);
  }
  if (part !== undefined) items.push("</ul></li>");
  return `<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>\n<ul>\n${items.join("\n")}\n</ul></nav>`;
}

function sectionHtml(writer: Writer, section: ReportSection, id: string): string {
  const level = section.part === undefined ? 2 : 3;
  const blocks = inRows(section.blocks).map((row) => {
    const parts = row.map((block) =>
      block.kind === "table"
        ? tableHtml(writer, block, level + 1)
        : figureHtml(writer, block, level + 1),
    );
    return parts.length === 1 ? parts[0] : `<div class="beside">\n${parts.join("\n")}\n</div>`;
  });
  return `<section id="${id}" aria-labelledby="${id}-title">
<h${level} class="section-title" id="${id}-title">${escapeHtml(section.title)}</h${level}>
${section.notice === undefined ? "" : `<p class="notice" role="note">${escapeHtml(section.notice)}</p>`}
${section.text === undefined ? "" : `<p>${prose(section.text)}</p>`}
${blocks.join("\n")}
${section.command === undefined ? "" : `<p class="made-by">The command that makes this again</p>\n${commandHtml(section.command)}`}
</section>`;
}

/** The blocks in the rows that they stand in on a wide screen. */
function inRows(blocks: ReportSection["blocks"]): ReportSection["blocks"][] {
  const rows: ReportSection["blocks"][] = [];
  for (const block of blocks) {
    const row = rows.at(-1);
    const isBeside = block.kind !== "table" && block.beside === true;
    if (isBeside && row?.every(({ kind }) => kind !== "table")) row.push(block);
    else rows.push([block]);
  }
  return rows;
}

function figureHtml(writer: Writer, figure: Figure, level: number): string {
  const id = unique(writer, figure.id);
  const { drawn, notes, description, hasSpares } = prepareFigure(
    { ...figure, id },
    writer.numbers,
    writer.share,
  );
  writer.figures.push(drawn);
  const noteList =
    notes.length === 0
      ? ""
      : `<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`;
  return `<figure id="${id}" data-figure="${id}" role="figure" aria-labelledby="${id}-title" aria-describedby="${id}-caption">
<h${level} class="block-title" id="${id}-title">${escapeHtml(figure.title)}</h${level}>
<div class="chart ${figure.kind}${figure.kind === "surface" ? ` view-${drawn.kind === "surface" ? drawn.view : ""}` : ""}" role="group" aria-label="${escapeHtml(description)}"><p class="waiting">The chart is being drawn.</p></div>
<ul class="chart-legend" aria-label="Legend"></ul>
${hasSpares ? `<p class="chosen-curve"><label>Show one batch <select id="${id}-chosen"><option value="">none</option></select></label></p>\n` : ""}<figcaption id="${id}-caption"><p><b>Figure ${writer.figures.length}.</b> ${prose(figure.caption)}</p>${noteList}${linksHtml(figure.data ?? [], writer.folder)}</figcaption>
</figure>`;
}

function tableHtml(writer: Writer, table: FactTable, level: number): string {
  const id = unique(writer, table.id);
  const isFacts = table.columns.length === 2;
  const isNumeric = table.columns.map(
    (_, column) =>
      column > 0 && !isFacts && table.rows.some((row) => typeof row[column] === "number"),
  );
  const hasNames = table.rows.some(([name]) => typeof name === "string" && name.length > 14);
  const look = isFacts ? "facts" : hasNames ? "names" : "";
  const isSortable = table.sortable === true && table.rows.length > 1;
  const cell = (value: string | number, column: number): string => {
    const text = typeof value === "number" ? formatNumber(value) : value;
    const exact =
      typeof value === "number"
        ? ` title="${String(value)}"${isSortable ? ` data-value="${String(value)}"` : ""}`
        : "";
    const style = isNumeric[column] === true ? ' class="number"' : "";
    return column === 0
      ? `<th scope="row"${exact}>${isFacts ? prose(text) : escapeHtml(text)}</th>`
      : `<td${style}${exact}>${escapeHtml(text)}</td>`;
  };
  const head = table.columns
    .map(
      (name, column) =>
        `<th scope="col"${isNumeric[column] === true ? ' class="number"' : ""}>${prose(name)}</th>`,
    )
    .join("");
  const rows = table.rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return `<div class="table" id="${id}">
<h${level} class="block-title" id="${id}-title">${escapeHtml(table.title)}</h${level}>
<div class="scroll" role="region" aria-labelledby="${id}-title"${isFacts ? "" : ' tabindex="0"'}>
<table${look === "" ? "" : ` class="${look}"`}${isSortable ? " data-sortable" : ""} aria-labelledby="${id}-title">
<thead><tr>${head}</tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>
${table.caption === undefined ? "" : `<p class="table-caption">${prose(table.caption)}</p>`}
${linksHtml(table.data ?? [], writer.folder)}
</div>`;
}
