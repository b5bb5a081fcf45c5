import type { Texts } from "../../language/index.js";
import { escapeHtml } from "./escape.js";

/** The controls and the readout of slices. The page's script fills them in. */
export function probeHtml(texts: Texts, id: string): string {
  const rate = escapeHtml(texts.page.learningRate);
  const headings = [
    `<th scope="col">${escapeHtml(texts.page.curve)}</th>`,
    ...[texts.page.loss, texts.page.slope].map(
      (name) => `<th scope="col" class="number">${escapeHtml(name)}</th>`,
    ),
  ];
  return `<div class="probe" data-probe="${id}" role="group" aria-label="${escapeHtml(texts.page.readout)}">
<div class="dials"><div class="dial"><label for="${id}-alpha">α</label><output class="alpha-value">–</output><input type="range" id="${id}-alpha" class="alpha" step="1" min="0" max="0" value="0"></div>
<div class="dial"><label for="${id}-rate">${rate}</label><output class="rate-value">–</output><input type="range" id="${id}-rate" class="rate" step="1" min="0" max="200" value="100"></div>
<p class="verdict"></p></div>
<table class="losses"><caption class="hidden">${escapeHtml(texts.page.curves)}</caption><thead><tr>${headings.join("")}</tr></thead><tbody></tbody></table>
</div>
`;
}
