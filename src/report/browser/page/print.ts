// Draws charts for paper, and restores them afterwards.

import { draw, printed, redrawAll, root, setPrinting } from "../charts.js";
import type { Chart } from "../types.js";

/**
 * Covers a surface with a copy. Chromium prints the previous content of a WebGL canvas whose size has changed, cut
 * off at the new size.
 */
function copySurface(container: HTMLElement): void {
  removeCopies(container);
  for (const canvas of container.querySelectorAll<HTMLCanvasElement>(".gl-container canvas")) {
    const copy = document.createElement("canvas");
    copy.className = "surface-copy";
    copy.width = canvas.width;
    copy.height = canvas.height;
    copy.style.cssText = canvas.style.cssText;
    copy.getContext("2d")!.drawImage(canvas, 0, 0);
    canvas.style.visibility = "hidden";
    canvas.after(copy);
  }
}

function removeCopies(container: HTMLElement): void {
  for (const copy of container.querySelectorAll(".surface-copy")) {
    if (copy.previousElementSibling instanceof HTMLElement) {
      copy.previousElementSibling.style.visibility = "";
    }
    copy.remove();
  }
}

/** Draws charts light and narrow for paper, and restores them afterwards. */
export function setUpPrint(charts: readonly Chart[]): void {
  let before = "";
  let folded: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    setPrinting(true);
    before = root.dataset["theme"] ?? "";
    root.dataset["theme"] = "light";
    folded = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
    for (const one of folded) one.open = true;
    for (const chart of charts) {
      // The heights in the page's style depend on the width of the screen.
      chart.container.style.height = `${printed.height}px`;
      // Figures that have not come near the screen yet are drawn as well.
      void draw(chart);
      chart.figure.dataset["drawn"] ??= "true";
      if (chart.isSurface) copySurface(chart.container);
    }
  });
  addEventListener("afterprint", () => {
    setPrinting(false);
    for (const one of folded) one.open = false;
    if (before) root.dataset["theme"] = before;
    else delete root.dataset["theme"];
    for (const { container } of charts) {
      container.style.height = "";
      removeCopies(container);
    }
    void redrawAll(charts);
  });
}
