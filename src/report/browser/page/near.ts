// Draws charts when they come near the screen.

import type { Chart } from "../types.js";

/** How far below and above the screen a chart is drawn already. */
const margin = "500px 0px";

/**
 * Draws each chart once, when it is on the screen or near it, one after another so that the page stays responsive.
 * Surfaces, which take longest, come after the other charts that are due.
 *
 * @returns once the charts that are near the screen at first are drawn
 */
export function drawWhenNear(
  charts: readonly Chart[],
  drawOnce: (chart: Chart) => Promise<void>,
): Promise<void> {
  const due = new Set<Chart>();
  let isDrawing = false;
  return new Promise((resolve) => {
    if (charts.length === 0) resolve();
    const work = async (): Promise<void> => {
      if (isDrawing) return;
      isDrawing = true;
      for (;;) {
        const next = [...due].find((chart) => !chart.isSurface) ?? [...due][0];
        if (next === undefined) break;
        due.delete(next);
        await drawOnce(next);
        await new Promise((done) => setTimeout(done));
      }
      isDrawing = false;
      resolve();
    };
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const chart = charts.find(({ figure }) => figure === target);
          if (!isIntersecting || chart === undefined) continue;
          observer.unobserve(target);
          due.add(chart);
        }
        void work();
      },
      { rootMargin: margin },
    );
    for (const { figure } of charts) observer.observe(figure);
  });
}
