// The readout of slices: losses and slopes at one α, the tangent, and the step of gradient descent from there.

import { NO_VALUE } from "../../../common/text/numbers.js";
import { format, script } from "../language.js";
import type { Chart, ReadLines, ReadSeries } from "../types.js";
import { within } from "../types.js";
import { areaOf, ballMark, setMarks, svgElement, type Area } from "./overlay.js";
import { bendAtLowest, lowestIndex, slopeAt, steepestIndex, valueAt } from "./slope.js";

/** The most curves that are listed besides the mean. */
const mostListed = 6;
/** The learning rates of the dial: from a tenth of the reference to ten times it, in 200 steps. */
const rateSteps = 100;
/** Where the dial stands at first: a quarter of the largest stable rate. */
const firstRate = 40;

/** A number with the digits that a readout needs. */
function short(value: number): string {
  return Number.isFinite(value) ? format.number(value, 4) : NO_VALUE;
}

/** A gradient step along the slice. */
interface Step {
  from: number;
  to: number;
  slope: number;
  /** The loss before the step and after it; NaN where the slice does not reach. */
  before: number;
  after: number;
  /** Whether it crosses the curve's lowest point. */
  crosses: boolean;
}

class Probing {
  private readonly chart: Chart;
  private readonly drawn: ReadLines;
  private readonly element: HTMLElement;
  private readonly alpha: HTMLInputElement;
  private readonly rate: HTMLInputElement;
  private index = 0;

  constructor(chart: Chart, drawn: ReadLines, element: HTMLElement) {
    this.chart = chart;
    this.drawn = drawn;
    this.element = element;
    this.alpha = within(element, "input.alpha");
    this.rate = within(element, "input.rate");
    const { x } = this.main;
    this.alpha.max = String(x.length - 1);
    this.rate.value = String(firstRate);
    this.index = this.start();
    this.alpha.addEventListener("input", () => this.move(Number(this.alpha.value)));
    this.rate.addEventListener("input", () => this.show());
    for (const event of ["pointermove", "pointerdown"] as const) {
      chart.container.addEventListener(event, (at) => this.follow(at));
    }
    chart.figure.querySelector("select")?.addEventListener("change", () => this.show());
    const others = chart.onAxes;
    chart.onAxes = () => {
      others?.();
      this.mark();
    };
  }

  /**
   * A place from which the first step shows something: halfway down from the end of the slice to the lowest point, or
   * nearer, where the step does not cross it; without a lowest point within the slice, where it is steepest.
   */
  private start(): number {
    const { x } = this.main;
    const lowest = lowestIndex(this.main);
    if (!Number.isFinite(this.stable)) return steepestIndex(this.main);
    for (let part = 0.5; part > 0.02; part /= 2) {
      this.index = lowest + Math.max(1, Math.round((x.length - 1 - lowest) * part));
      if (!this.step.crosses) return this.index;
    }
    return this.index;
  }

  begin(): void {
    this.move(this.index);
  }

  /** The curve that is probed: the chosen batch, else the mean, else the only batch. */
  private get main(): ReadSeries {
    const { series } = this.drawn;
    const mean = series.find(({ role }) => role === "mean");
    return this.chart.chosen ?? mean ?? series[0]!;
  }

  /** The learning rate at which the dial stands in its middle: the largest stable one if there is one. */
  private get reference(): number {
    const stable = this.stable;
    if (Number.isFinite(stable)) return stable;
    // Else one whose step from the steepest place covers a tenth of the slice.
    const { x } = this.main;
    const slope = Math.abs(slopeAt(this.main, steepestIndex(this.main))) || 1;
    return (0.1 * (x.at(-1)! - x[0]!) * this.norm ** 2) / slope;
  }

  private get norm(): number {
    return this.drawn.probe!.norm;
  }

  /** 2/L of the parabola at the lowest point, where L = L″(α)/‖d‖² is the curvature along the unit direction. */
  private get stable(): number {
    const bend = bendAtLowest(this.main);
    return bend > 0 ? (2 * this.norm ** 2) / bend : NaN;
  }

  private get step(): Step & { rate: number } {
    const main = this.main;
    const rate = this.reference * 10 ** ((Number(this.rate.value) - rateSteps) / rateSteps);
    const from = main.x[this.index] ?? NaN;
    const slope = slopeAt(main, this.index);
    const to = from - (rate * slope) / this.norm ** 2;
    const lowest = main.x[lowestIndex(main)] ?? NaN;
    return {
      rate,
      from,
      to,
      slope,
      before: main.y[this.index] ?? NaN,
      after: valueAt(main, to),
      crosses: (from - lowest) * (to - lowest) < 0,
    };
  }

  /** Follows the pointer to the nearest α. */
  private follow({ clientX }: PointerEvent): void {
    const area = areaOf(this.chart);
    if (area === undefined) return;
    const at = clientX - this.chart.container.getBoundingClientRect().left - area.left;
    if (at < 0 || at > area.width) return;
    const { x } = this.main;
    let nearest = 0;
    x.forEach((value, index) => {
      if (Math.abs(area.x(value) - at) < Math.abs(area.x(x[nearest]!) - at)) nearest = index;
    });
    if (nearest !== this.index) this.move(nearest);
  }

  private move(index: number): void {
    this.index = index;
    this.alpha.value = String(index);
    this.show();
  }

  private show(): void {
    const step = this.step;
    const { rate, from, slope, before } = step;
    within(this.element, ".alpha-value").textContent = short(from);
    within(this.element, ".rate-value").textContent = short(rate);
    const name = this.main.name;
    this.alpha.setAttribute(
      "aria-valuetext",
      script.atAlpha(short(from), name, short(before), short(slope)),
    );
    const verdict = this.verdict(step);
    this.rate.setAttribute("aria-valuetext", `η = ${short(rate)}. ${verdict}`);
    within(this.element, ".verdict").textContent = verdict;
    this.list();
    this.mark();
  }

  /** What the step does, and which steps are stable. */
  private verdict({ to, after, before, crosses, rate }: Step & { rate: number }): string {
    const place = [short(rate), short(to)] as const;
    const step = !crosses
      ? script.stepFalls(...place)
      : after > before || Number.isNaN(after)
        ? script.stepRises(...place)
        : script.stepCrosses(...place);
    const stable = this.stable;
    const limit = Number.isFinite(stable) ? script.stable(short(stable)) : script.neverStable;
    return `${step} ${limit}`;
  }

  /** The loss and the slope of each curve. */
  private list(): void {
    const main = this.main;
    const known = this.drawn.series.filter((one) => !one.isSpare || one === this.chart.chosen);
    const means = known.filter(({ role }) => role === "mean");
    const batches = known.filter(({ role }) => role === "batch");
    const listed = batches.slice(0, mostListed);
    if (main.role === "batch" && !listed.includes(main)) listed[mostListed - 1] = main;
    const rows = [...means, ...listed].map((one) => {
      const row = document.createElement("tr");
      if (one.role === "mean") row.className = "mean";
      if (one === this.chart.chosen) row.className = "chosen";
      const heading = document.createElement("th");
      heading.scope = "row";
      heading.textContent = one.role === "mean" ? script.mean : one.name;
      const cells = [one.y[this.index] ?? NaN, slopeAt(one, this.index)].map((value) => {
        const cell = document.createElement("td");
        cell.className = "number";
        cell.textContent = short(value);
        return cell;
      });
      row.append(heading, ...cells);
      return row;
    });
    within<HTMLTableSectionElement>(this.element, "tbody").replaceChildren(...rows);
  }

  private mark(): void {
    if (this.chart.isDrawn) setMarks(this.chart, "at-probe", (area) => marksOf(area, this.step));
  }
}

function line(x1: number, y1: number, x2: number, y2: number, style: string): SVGElement {
  return svgElement("line", { x1, y1, x2, y2, style });
}

/** A line at α, the tangent, an arrow along the step, and where it arrives. */
function marksOf(area: Area, { from, to, slope, before, after }: Step): SVGElement[] {
  const [x, y, end] = [area.x(from), area.y(before), area.x(to)];
  const ball = "stroke: var(--ball); stroke-width: ";
  // The tangent reaches as far as the step does, at least a tenth of the chart.
  const width = area.x(1) - area.x(0);
  const reach = Math.max(Math.abs(to - from), area.width / 10 / width);
  const tangent = (side: number): [number, number] => [
    area.x(from + side * reach),
    area.y(before + side * reach * slope),
  ];
  const arrives = Number.isFinite(after) ? [area.x(to), area.y(after)] : undefined;
  const away = Math.sign(end - x);
  const head = `M${end} ${y}l${-9 * away} -5v10z`;
  return [
    line(x, 0, x, area.height, "stroke: var(--muted); stroke-width: 1"),
    line(...tangent(-1), ...tangent(1), `${ball}2; stroke-dasharray: 6 4`),
    line(x, y, end - 6 * away, y, `${ball}2`),
    svgElement("path", { d: head, style: "fill: var(--ball)" }),
    ...(arrives
      ? [
          line(end, y, end, arrives[1]!, `${ball}1; stroke-dasharray: 2 3`),
          svgElement("circle", {
            cx: arrives[0]!,
            cy: arrives[1]!,
            r: 5,
            style: `fill: var(--raised); ${ball}2`,
          }),
        ]
      : []),
    ...ballMark(x, y),
  ];
}

/** Lets a reader probe a chart of slices. */
export function setUpProbe(chart: Chart): void {
  const { drawn } = chart;
  if (drawn?.kind !== "lines" || !drawn.probe) return;
  const element = within(document, `[data-probe="${CSS.escape(drawn.id)}"]`);
  new Probing(chart, drawn, element).begin();
}
