// vadi's eigenvalues: the rows from the files of a dataset, the result in a folder of its own.
import { curvature } from "vadi";
import { runPeer } from "./peer.js";

interface Options {
  run: string;
  dataset: string;
  folder: string;
  vectors: number;
  tolerance: number;
}

await runPeer(async ({ run, dataset, folder, vectors, tolerance }: Options) => {
  const { record } = await curvature(run, { dataset, vectors, tolerance, out: folder });
  const pairs = [...record.least, ...record.largest];
  return {
    passes: record.passes,
    products: record.products,
    worst: Math.max(...pairs.map(({ eigenvalue, residual }) => residual / Math.abs(eigenvalue))),
    least: record.least.map(({ eigenvalue }) => eigenvalue),
    largest: record.largest.map(({ eigenvalue }) => eigenvalue),
  };
});
