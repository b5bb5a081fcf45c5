import type { Texts } from "../../language/index.js";
import type { Scrubber } from "../figures/figure.js";
import { escapeHtml } from "./escape.js";

/** The controls that move all figures of a section through a training. The page's script fills in the readouts. */
export function scrubberHtml(texts: Texts, { steps, readouts }: Scrubber, id: string): string {
  const label = escapeHtml(texts.page.stepOfTraining);
  const last = steps.length - 1;
  const values = readouts
    .map(
      ({ name }) =>
        `<div><dt>${escapeHtml(name)}</dt><dd data-readout="${escapeHtml(name)}">–</dd></div>`,
    )
    .join("");
  return `<div class="scrubber" data-scrubber="${id}" role="group" aria-label="${label}">
<button type="button" class="play" aria-label="${escapeHtml(texts.page.play)}"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5v14l11-7z"/></svg></button>
<input type="range" min="0" max="${last}" value="${last}" step="1" aria-label="${label}">
<dl><div><dt>${escapeHtml(texts.page.step)}</dt><dd data-readout="step">–</dd></div>${values}</dl>
</div>`;
}
