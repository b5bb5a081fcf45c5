// Moves all figures of a section through a training, by hand or by itself.

import type { DrawnScrubber } from "../../figures/drawn.js";
import { NO_VALUE } from "../../../common/text/numbers.js";
import { format, script } from "../language.js";
import { FIRST_SERIES } from "../lines.js";
import { ballAt, MOVED } from "../surface-chart.js";
import type { Chart } from "../types.js";
import { within } from "../types.js";
import type { ReadNumbers } from "../unpack.js";
import { ballMark, setMarks } from "./overlay.js";

/** How long a training plays, in milliseconds. */
const playTime = 9000;
/** Where motion is not wanted, it plays in a few steps instead. */
const calm = { steps: 10, pause: 1000 };
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

const icons = { play: "M8 5v14l11-7z", pause: "M7 5h3.5v14H7zm6.5 0H17v14h-3.5z" };

/** Where the chart's ball is. */
function placeBall(chart: Chart): void {
  const { drawn } = chart;
  if (drawn?.ball === undefined || chart.isSurface) return;
  const { x, y } = drawn.ball;
  const at = chart.frame ?? x.length - 1;
  setMarks(chart, "at-ball", (area) => ballMark(area.x(x[at] ?? NaN), area.y(y[at] ?? NaN)));
}

/** Changes the moved traces of a chart to its frame. */
function moveTraces(chart: Chart): void {
  const { drawn, container, frame = 0 } = chart;
  if (!chart.isDrawn || drawn === undefined) return;
  const restyle = (uid: string, update: object): void => {
    const index = container.data.findIndex((trace) => trace["uid"] === uid);
    if (index >= 0) void globalThis.Plotly.restyle(container, update, [index]);
  };
  if (drawn.kind === "lines") {
    const values = drawn.frames?.[frame];
    if (values !== undefined) restyle(FIRST_SERIES, { y: [values] });
  } else if (chart.isSurface && drawn.ball !== undefined) {
    const { x, y, z } = ballAt(drawn, frame);
    restyle(MOVED.ball, { x: [x], y: [y], z: [z] });
  }
}

class Scrubbing {
  private readonly scrubber: DrawnScrubber;
  private readonly charts: readonly Chart[];
  private readonly read: ReadNumbers;
  private readonly element: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly button: HTMLButtonElement;
  private isDue = false;
  /** The position that the charts were last drawn at. */
  private drawn: number | undefined;
  /** Ends what is playing. */
  private end: (() => void) | undefined;

  constructor(scrubber: DrawnScrubber, charts: readonly Chart[], read: ReadNumbers) {
    this.scrubber = scrubber;
    this.charts = charts;
    this.read = read;
    this.element = within(document, `[data-scrubber="${CSS.escape(scrubber.id)}"]`);
    this.range = within(this.element, "input");
    this.button = within(this.element, "button");
    // Browsers restore the position of a control on reload.
    this.range.value = this.range.max;
    this.range.addEventListener("input", () => {
      this.stop();
      this.show();
    });
    this.range.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.toggle();
    });
    this.button.addEventListener("click", () => this.toggle());
    for (const chart of charts) {
      const others = chart.onAxes;
      chart.onAxes = () => {
        others?.();
        placeBall(chart);
      };
    }
  }

  begin(): void {
    this.tell();
  }

  private get index(): number {
    return Number(this.range.value);
  }

  /** Shows the position in the readouts, and soon in all charts. */
  private show(): void {
    this.tell();
    for (const chart of this.charts) {
      chart.frame = this.index;
      if (chart.isDrawn) placeBall(chart);
    }
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      const started = performance.now();
      for (const chart of this.charts) moveTraces(chart);
      // On a slow machine the page must stay responsive: it rests as long as drawing took.
      const rest = performance.now() - started;
      setTimeout(() => {
        this.isDue = false;
        if (this.charts.some(({ frame }) => frame !== this.drawn)) this.show();
      }, rest);
      this.drawn = this.index;
    });
  }

  private tell(): void {
    const { steps, readouts } = this.scrubber;
    const of = script.stepOf(steps[this.index] ?? NaN, steps.at(-1) ?? NaN);
    within(this.element, '[data-readout="step"]').textContent = of;
    const texts = readouts.map(({ name, values }) => {
      const value = this.read(values)[this.index] ?? NaN;
      const text = Number.isFinite(value) ? format.number(value, 3) : NO_VALUE;
      within(this.element, `[data-readout="${CSS.escape(name)}"]`).textContent = text;
      return `${name} ${text}`;
    });
    this.range.setAttribute("aria-valuetext", [`${script.step} ${of}`, ...texts].join(", "));
  }

  private toggle(): void {
    if (this.end === undefined) this.play();
    else this.stop();
  }

  private play(): void {
    const last = this.scrubber.steps.length - 1;
    const from = this.index === last ? 0 : this.index;
    const isCalm = reducedMotion.matches;
    const started = performance.now();
    this.setButton("pause");
    const next = (): void => {
      const passed = performance.now() - started;
      const share = isCalm ? Math.floor(passed / calm.pause) / calm.steps : passed / playTime;
      this.range.value = String(Math.min(last, Math.round(from + last * share)));
      this.show();
      if (this.index === last) this.stop();
      else if (isCalm) {
        const timer = setTimeout(next, calm.pause);
        this.end = () => clearTimeout(timer);
      } else {
        const frame = requestAnimationFrame(next);
        this.end = () => cancelAnimationFrame(frame);
      }
    };
    next();
  }

  private stop(): void {
    this.end?.();
    this.end = undefined;
    this.setButton("play");
  }

  private setButton(state: "play" | "pause"): void {
    this.button.setAttribute("aria-label", state === "play" ? script.play : script.pause);
    within<HTMLElement>(this.button, "path").setAttribute("d", icons[state]);
  }
}

/** Sets up the scrubbers of a page. Each moves the charts of its section. */
export function setUpScrubbers(
  charts: readonly Chart[],
  scrubbers: readonly DrawnScrubber[],
  read: ReadNumbers,
): void {
  for (const scrubber of scrubbers) {
    const section = document.getElementById(scrubber.id);
    const own = charts.filter(
      ({ figure, drawn }) =>
        section?.contains(figure) === true &&
        (drawn?.ball !== undefined || (drawn?.kind === "lines" && drawn.frames !== undefined)),
    );
    new Scrubbing(scrubber, own, read).begin();
  }
}
