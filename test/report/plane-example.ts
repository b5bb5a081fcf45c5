import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Landscape } from "../../src/landscape/index.js";
import { writeTable } from "../../src/storage/index.js";

/** A plane over a bowl whose losses span decades, with a path into it, in a landscape's layout. */
export async function planeExample(dir: string, template: Landscape): Promise<Landscape> {
  const alphas = Array.from({ length: 21 }, (_, index) => (index - 10) / 10);
  const betas = Array.from({ length: 17 }, (_, index) => (index - 8) / 8);
  const rows = betas.flatMap((beta) =>
    alphas.map((alpha) => ({ alpha, beta, loss: 0.01 + 3 * alpha ** 2 + 8 * beta ** 2 })),
  );
  await mkdir(dir, { recursive: true });
  await writeTable(
    path.join(dir, "surface.parquet"),
    ["alpha", "beta", "loss", "variance"].map((name) => ({ name, type: "DOUBLE" as const })),
    {
      alpha: rows.map(({ alpha }) => alpha),
      beta: rows.map(({ beta }) => beta),
      loss: rows.map(({ loss }) => loss),
      variance: rows.map(() => 0.1),
    },
  );
  const steps = Array.from({ length: 30 }, (_, index) => index * 10);
  const record = {
    ...template.record,
    kind: "plane",
    along: "path",
    alphas,
    betas,
    path: {
      steps,
      alphas: steps.map((step) => -0.9 * Math.exp(-step / 80)),
      betas: steps.map((step) => 0.8 * Math.exp(-step / 25)),
      explained: [0.91, 0.07],
      distances: steps.map(() => 0.01),
    },
  } as unknown as Landscape["record"];
  return { ...template, dir, record };
}
