import path from "node:path";
import {
  certify,
  curvature,
  openCertificate,
  openCurvature,
} from "../../../src/curvature/index.js";
import { landscape, openLandscape } from "../../../src/landscape/index.js";
import { parametersOf } from "../../../src/model/index.js";
import { report } from "../../../src/report/index.js";
import type { Sample, Target } from "../target.js";
import { unseal, writeRun } from "./runs.js";

/** Reads all that a landscape's folder holds. */
async function read(folder: string): Promise<string> {
  const { record, curves, summary, surface, axes } = await openLandscape(folder);
  const { centre, directions } = await axes();
  const numbers = [centre, ...directions].map((network) =>
    parametersOf(network).map(({ values }) => Array.from(values)),
  );
  const isPlane = record.kind === "plane";
  return JSON.stringify([
    { ...record, command: "", run: "", dataset: "" },
    (await curves()).map(({ losses, ...curve }) => ({ ...curve, losses: Array.from(losses) })),
    await summary(),
    isPlane ? await surface() : null,
    numbers,
  ]);
}

async function readCertificate(folder: string): Promise<string> {
  const { record, intervals, kinks, profile } = await openCertificate(folder);
  return JSON.stringify([record.convex, await intervals(), await kinks(), await profile()]);
}

async function readCurvature(folder: string): Promise<string> {
  const made = await openCurvature(folder);
  return JSON.stringify([
    made.record.least,
    made.record.largest,
    parametersOf(await made.direction(1)).map(({ values }) => Array.from(values)),
    await made.density(),
  ]);
}

async function draw(folder: string): Promise<string> {
  await report([folder], { out: path.join(folder, "report.html") });
  return "drawn";
}

const tables = ["slices.parquet", "summary.parquet"];
const line: Sample = {
  files: ["landscape.json", "landscape.json", ...tables, "directions/1/model.json"],
  read,
};
const sealedLine = ["landscape.json", ...tables, "centre/weights.bin", "directions/1/weights.bin"];
const sealedCurvature = ["curvature.json", "eigenpairs.parquet", "directions/1/weights.bin"];
const plane: Sample = {
  files: ["landscape.json", "landscape.json", ...tables, "surface.parquet", "centre/weights.bin"],
  read,
};
const certificate: Sample = {
  files: ["certificate.json", "certificate.json", "intervals.parquet", "kinks.parquet"],
  read: readCertificate,
};

export const target: Target = {
  async write(folder) {
    const run = await writeRun(folder, ".run", { model: "mlp:4", optimizer: "sgd" });
    const options = { points: 7, batches: 2, workers: 1 } as const;
    for (const name of ["line", "drawn-line", "sealed-line"]) {
      await landscape(run, { ...options, along: "random", out: path.join(folder, name) });
    }
    for (const name of ["plane", "drawn-plane"]) {
      await landscape(run, {
        ...options,
        along: "gradient",
        plane: true,
        points: [4, 3],
        out: path.join(folder, name),
      });
    }
    for (const name of ["certificate", "drawn-certificate"]) {
      await certify(run, { workers: 1, out: path.join(folder, name) });
    }
    for (const name of ["curvature", "sealed-curvature"]) {
      await curvature(run, { workers: 1, density: true, out: path.join(folder, name) });
    }
    for (const name of Object.keys(target.samples)) await unseal(path.join(folder, name));
  },
  samples: {
    line,
    "drawn-line": { ...line, read: draw },
    "sealed-line": { files: ["SHA256SUMS", ...sealedLine], read, checked: sealedLine },
    plane,
    "drawn-plane": { ...plane, read: draw },
    certificate,
    "drawn-certificate": { ...certificate, read: draw },
    curvature: {
      files: ["curvature.json", "curvature.json", "density.parquet"],
      read: readCurvature,
    },
    "sealed-curvature": {
      files: ["SHA256SUMS", ...sealedCurvature],
      read: readCurvature,
      checked: sealedCurvature,
    },
  },
};
