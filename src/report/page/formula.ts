import temml from "temml";
import { escapeHtml } from "./escape.js";

/** The longest formula that is set, in characters. */
const LONGEST = 2000;

/**
 * A formula in TeX as MathML, which browsers set without a font or script of ours. Formulas may come from a
 * stranger's document: macros that link, style or include are not allowed, and what is no TeX is shown as text.
 */
export function formulaHtml(tex: string): string {
  if (tex.length <= LONGEST) {
    try {
      const html = temml.renderToString(tex, {
        displayMode: true,
        throwOnError: true,
        trust: false,
        strict: true,
        maxExpand: 100,
      });
      return `<div class="formula" tabindex="0" role="group">${html}</div>`;
    } catch {
      // Shown below as it is written.
    }
  }
  return `<p class="formula"><code>${escapeHtml(tex)}</code></p>`;
}
