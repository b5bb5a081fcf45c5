import type { Language } from "../../language/index.js";
import type { DrawnFigure } from "../figures/drawn.js";
import type { Figure } from "../figures/figure.js";
import type { Share } from "../figures/fit.js";
import type { NumberPool } from "../figures/packing.js";
import { prepareFigure } from "../figures/prepare.js";
import { escapeHtml, prose } from "./escape.js";
import { probeHtml } from "./probe.js";

/** What a figure adds to its page. */
interface FiguresOfPage {
  language: Language;
  figures: DrawnFigure[];
  numbers: NumberPool;
  share: Share;
}

export function isProbed(figure: Figure): boolean {
  return figure.kind === "lines" && figure.probe !== undefined;
}

/** Whether a figure has the curves of several batches. */
function isOfBatches(figure: Figure): boolean {
  return figure.kind === "lines" && figure.series.filter(({ role }) => role === "batch").length > 1;
}

/**
 * A figure: the place of its chart, its legend, its controls and its caption. The page's script draws it.
 *
 * @param place `isAlone`: it is its section's only figure, whose claim is title enough for the eye; `isBeside`: it
 *   shares its row, and the readout of a probe stands below the row
 */
export function figureHtml(
  page: FiguresOfPage,
  figure: Figure,
  id: string,
  level: number,
  { isAlone, isBeside }: { isAlone: boolean; isBeside: boolean },
): string {
  const { texts } = page.language;
  const { drawn, notes, description, hasSpares } = prepareFigure(
    page.language,
    { ...figure, id },
    page.numbers,
    page.share,
  );
  page.figures.push(drawn);
  const noteList =
    notes.length === 0
      ? ""
      : `<ul class="notes">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`;
  const view = drawn.kind === "surface" ? ` view-${drawn.view}` : "";
  const probe = isProbed(figure);
  const hasSide = probe && !isBeside;
  const classes = [...(hasSide ? ["probed"] : []), ...(isAlone ? ["alone"] : [])].join(" ");
  const is3d = drawn.kind === "surface" && drawn.view === "3d";
  const chart = `<div class="chart ${figure.kind}${view}" role="group" aria-label="${escapeHtml(description)}"${is3d ? ' tabindex="0"' : ""}><p class="waiting">${escapeHtml(texts.page.waiting)}</p></div>`;
  return `<figure id="${id}" data-figure="${id}" role="figure" aria-labelledby="${id}-title" aria-describedby="${id}-caption"${classes === "" ? "" : ` class="${classes}"`}>
<h${level} class="block-title" id="${id}-title">${escapeHtml(figure.title)}</h${level}>
${hasSide ? '<div class="sides">' : ""}<div class="drawing">${chart}
<ul class="chart-legend" aria-label="${escapeHtml(texts.page.legend)}"></ul>
${hasSpares || (probe && isOfBatches(figure)) ? `<p class="chosen-curve"><label>${escapeHtml(texts.page.oneBatch)} <select id="${id}-chosen"><option value="">${escapeHtml(texts.page.allBatches)}</option></select></label></p>\n` : ""}</div>
${hasSide ? `${probeHtml(texts, id)}</div>` : ""}<figcaption id="${id}-caption"><p><b>${escapeHtml(texts.page.figure(page.figures.length))}</b> ${prose(figure.caption)}</p>${noteList}</figcaption>
</figure>`;
}
