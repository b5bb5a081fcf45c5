// Turns a surface by keys, and resets its camera.

import { script } from "../language.js";
import { cameraFor } from "../surface-chart.js";
import type { Chart, Point3 } from "../types.js";

/** How far a key turns, in radians, and how much it moves nearer. */
const turn = Math.PI / 18;
const nearer = 0.9;
/** Straight from above or below a surface has no sides. */
const steepest = Math.PI / 2 - 0.05;

/** The camera's place after a key; undefined for keys that do not move it. */
export function moved(eye: Point3, key: string): Point3 | undefined {
  const distance = Math.hypot(eye.x, eye.y, eye.z);
  let around = Math.atan2(eye.y, eye.x);
  let height = Math.asin(eye.z / distance);
  let factor = 1;
  if (key === "ArrowLeft") around -= turn;
  else if (key === "ArrowRight") around += turn;
  else if (key === "ArrowUp") height = Math.min(steepest, height + turn);
  else if (key === "ArrowDown") height = Math.max(-steepest, height - turn);
  else if (key === "+" || key === "=") factor = nearer;
  else if (key === "-") factor = 1 / nearer;
  else return undefined;
  const flat = distance * factor * Math.cos(height);
  return {
    x: flat * Math.cos(around),
    y: flat * Math.sin(around),
    z: distance * factor * Math.sin(height),
  };
}

/** Lets arrow keys, + and − move the camera of a surface that has the focus, and a button or 0 reset it. */
export function setUpCamera(chart: Chart): void {
  if (!chart.isSurface) return;
  const { container, figure } = chart;
  const { Plotly } = globalThis;
  const reset = (): void => {
    const size = { width: container.clientWidth, height: container.clientHeight };
    void Plotly.relayout(container, { "scene.camera": cameraFor(size) });
  };
  container.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight ArrowUp ArrowDown + - 0");
  container.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const camera = container._fullLayout.scene?.camera;
    if (camera === undefined) return;
    if (event.key === "0") reset();
    else {
      const eye = moved(camera.eye, event.key);
      if (eye === undefined) return;
      void Plotly.relayout(container, { "scene.camera.eye": eye });
    }
    event.preventDefault();
  });
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chart-tools";
  button.textContent = script.resetView;
  button.addEventListener("click", reset);
  const place = figure.querySelector(".drawing");
  place?.append(button);
}
