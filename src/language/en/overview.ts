import { number } from "./words.js";

/** Reports of several sources, and overviews of folders. */
export const overview = {
  title: "Runs and landscapes",
  contentOf: (folder: string) => `What is in ${folder}`,
  andMore: (listed: string, count: number) => `${listed}; and ${number(count)} more.`,
  run: (name: string) => `Run ${name}`,
  landscape: (name: string) => `Landscape ${name}`,
  folder: (name: string) => `Folder ${name}`,
  runs: (count: number) => `Runs (${number(count)})`,
  landscapes: "Landscapes",
  experiments: "Experiments",
  counted: (title: string, count: number) => `${title} (${number(count)})`,
  landscapeColumns: ["landscape", "kind", "along", "scale", "points", "batches", "batch size"],
  experimentColumns: ["folder", "experiment", "title"],
  thisFolder: "this folder",
};
