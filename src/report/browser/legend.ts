// A legend that wraps and can be used with a keyboard.

import { script } from "./language.js";
import { rampColour } from "./theme.js";
import type { Chart, Entry, EntryKey, Swatch, ThemeColours } from "./types.js";

function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

const symbolPaths: Readonly<Record<string, string>> = {
  circle: "M13 2a4 4 0 1 0 .01 0z",
  square: "M9.2 2.2h7.6v7.6h-7.6z",
  diamond: "M13 1l5 5-5 5-5-5z",
  "triangle-up": "M13 1.2l5 8.8h-10z",
  star: "M13 .5l1.5 3.6 3.9.3-3 2.5 1 3.8-3.4-2.1-3.4 2.1 1-3.8-3-2.5 3.9-.3z",
  cross: "M11.5 1.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
};

function swatchOf(swatch: Swatch): SVGElement {
  const { fill, stroke, width = 1, dash, symbol, colour = "none", gradient } = swatch;
  const picture = svg("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" });
  if (fill) picture.append(svg("rect", { width: 26, height: 12, rx: 2, fill }));
  if (gradient) {
    gradient.forEach((stop, index) => {
      const step = 26 / gradient.length;
      picture.append(
        svg("rect", { x: index * step, y: 2, width: step + 0.5, height: 8, fill: stop }),
      );
    });
  }
  if (stroke) {
    const line = svg("path", { d: "M1 6h24", stroke, "stroke-width": width, fill: "none" });
    if (dash === "dash") line.setAttribute("stroke-dasharray", "6 4");
    picture.append(line);
  }
  if (symbol) picture.append(svg("path", { d: symbolPaths[symbol] ?? "", fill: colour }));
  return picture;
}

/** @param redraw called when an entry is shown or hidden */
export function drawLegend(
  chart: Chart,
  entries: readonly Entry[],
  theme: ThemeColours,
  redraw: () => void,
): void {
  // Keeps the focus on its button although the legend is rebuilt.
  const focused = [...chart.legend.children].findIndex((item) =>
    item.contains(document.activeElement),
  );
  const items = itemsOf(entries, theme);
  // A single series is named by the title and the axes.
  const isOne = entries.length === 1 && items[0]?.key !== "folded";
  const shown = isOne ? [] : items;
  chart.legend.replaceChildren(...shown.map((item) => itemElement(chart, item, redraw)));
  if (focused >= 0) chart.legend.children[focused]?.querySelector("button")?.focus();
}

interface Item {
  key: EntryKey;
  name: string;
  swatch: Swatch;
  isFixed?: boolean;
}

/** An item for each entry, and one for all curves along a ramp. */
function itemsOf(entries: readonly Entry[], theme: ThemeColours): Item[] {
  const folded = entries.filter((entry) => entry.isFolded);
  return entries.flatMap((entry, key): Item[] => {
    const { name, swatch, isFixed = false, isListed = true } = entry;
    if (!isListed) return [];
    if (!entry.isFolded) return [{ key, name, swatch, isFixed }];
    if (entry !== folded[0]) return [];
    const gradient = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => rampColour(theme.ramp, share));
    return [
      {
        key: "folded",
        name: script.manyCurves(folded.length, name, folded.at(-1)!.name),
        swatch: { gradient },
      },
    ];
  });
}

function itemElement(
  chart: Chart,
  { key, name, swatch, isFixed = false }: Item,
  redraw: () => void,
): HTMLElement {
  const item = document.createElement("li");
  const entry = document.createElement(isFixed ? "span" : "button");
  entry.append(swatchOf(swatch), document.createTextNode(name));
  item.append(entry);
  if (entry instanceof HTMLButtonElement) {
    entry.type = "button";
    entry.title = script.showOrHide;
    entry.setAttribute("aria-pressed", String(!chart.hidden.has(key)));
    entry.addEventListener("click", () => {
      if (!chart.hidden.delete(key)) chart.hidden.add(key);
      redraw();
    });
  } else {
    entry.className = "entry";
  }
  return item;
}
