import type { DrawnFigure } from "../figures/drawn.js";
import type { Figure, ReportSection } from "../figures/figure.js";
import type { Share } from "../figures/fit.js";
import type { NumberPool } from "../figures/packing.js";
import { prepareFigure } from "../figures/prepare.js";
import { commandHtml, escapeHtml, prose } from "./escape.js";
import { linksHtml } from "./links.js";
import { tableHtml } from "./table.js";

/** A page while its sections are rendered. */
export interface Page {
  /** The figures so far, in order. */
  figures: DrawnFigure[];
  numbers: NumberPool;
  /** How much of its numbers each figure keeps. */
  share: Share;
  /** Where the page will be, for links to files beside it. */
  folder: string | undefined;
  /** The ids in use. */
  ids: Set<string>;
}

export function sectionHtml(page: Page, section: ReportSection, id: string): string {
  const level = section.part === undefined ? 2 : 3;
  const blocks = inRows(section.blocks).map((row) => {
    const parts = row.map((block) =>
      block.kind === "table"
        ? tableHtml(block, uniqueId(page, block.id), level + 1, page.folder)
        : figureHtml(page, block, level + 1),
    );
    return parts.length === 1 ? parts[0] : `<div class="beside">\n${parts.join("\n")}\n</div>`;
  });
  return `<section id="${id}" aria-labelledby="${id}-title">
<h${level} class="section-title" id="${id}-title">${escapeHtml(section.title)}</h${level}>
${section.notice === undefined ? "" : `<p class="notice" role="note">${escapeHtml(section.notice)}</p>`}
${section.text === undefined ? "" : `<p>${prose(section.text)}</p>`}
${blocks.join("\n")}
${section.command === undefined ? "" : `<p class="made-by">The command that reproduces this</p>\n${commandHtml(section.command)}`}
</section>`;
}

/** Groups blocks into the rows of a wide screen. */
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

function figureHtml(page: Page, figure: Figure, level: number): string {
  const id = uniqueId(page, figure.id);
  const { drawn, notes, description, hasSpares } = prepareFigure(
    { ...figure, id },
    page.numbers,
    page.share,
  );
  page.figures.push(drawn);
  const noteList =
    notes.length === 0
      ? ""
      : `<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`;
  return `<figure id="${id}" data-figure="${id}" role="figure" aria-labelledby="${id}-title" aria-describedby="${id}-caption">
<h${level} class="block-title" id="${id}-title">${escapeHtml(figure.title)}</h${level}>
<div class="chart ${figure.kind}${figure.kind === "surface" ? ` view-${drawn.kind === "surface" ? drawn.view : ""}` : ""}" role="group" aria-label="${escapeHtml(description)}"><p class="waiting">The chart is being drawn.</p></div>
<ul class="chart-legend" aria-label="Legend"></ul>
${hasSpares ? `<p class="chosen-curve"><label>Show one batch <select id="${id}-chosen"><option value="">none</option></select></label></p>\n` : ""}<figcaption id="${id}-caption"><p><b>Figure ${page.figures.length}.</b> ${prose(figure.caption)}</p>${noteList}${linksHtml(figure.data ?? [], page.folder)}</figcaption>
</figure>`;
}

/** An id that no other element of the page has. */
export function uniqueId(page: Page, wanted: string): string {
  const base = wanted.toLowerCase().replace(/[^a-z0-9-]+/g, "-") || "part";
  let id = base;
  for (let number = 2; page.ids.has(id); number++) id = `${base}-${number}`;
  page.ids.add(id);
  return id;
}
