import { number } from "./words.js";

/** The frame of a page: what stands around and between its sections. */
export const page = {
  contents: "Contents",
  noScript:
    "The charts of this report are drawn by a script inside this file, and scripts are switched off here. The tables are complete.",
  dark: "Dark",
  again: "Make this report again",
  inThisFolder: "In the folder of this report",
  details: "Numbers, settings and files",
  command: "The command that makes this again, run in the folder of this report",
  files: "Files:",
  madeBy: (version: string) =>
    `Made by vadi ${version}. Everything on this page is inside this one file; it makes no request to any network.`,
  figure: (count: number) => `Figure ${number(count)}.`,
  waiting: "The chart is being drawn.",
  legend: "Legend",
  oneBatch: "Show one batch",
  allBatches: "all",
  readout: "Losses and slopes at one α",
  learningRate: "learning rate η",
  curves: "Each curve at this α",
  curve: "curve",
  loss: "loss",
  slope: "slope",
  stepOfTraining: "Step of the training",
  step: "step",
  play: "Play",
  lineChart: (title: string, x: string, y: string, isLog: boolean, series: number) =>
    `Chart: ${title}. Horizontal axis: ${x}. Vertical axis: ${y}${isLog ? ", logarithmic" : ""}. ${number(series)} series.`,
  surface: (title: string, x: string, y: string, height: string, isLog: boolean) =>
    `Surface: ${title}. Axes: ${x}; ${y}; height: ${height}${isLog ? ", logarithmic" : ""}.`,
  map: (title: string, x: string, y: string, height: string, isLog: boolean) =>
    `Map with contour lines: ${title}. Axes: ${x}; ${y}; colour: ${height}${isLog ? ", logarithmic" : ""}.`,
};
