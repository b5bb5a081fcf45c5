import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generate, landscape, train } from "vadi";

/*
 * A data loader: Framework runs it when the page is built, and the page gets what it prints. A network is trained on
 * 50 000 rows, and the loss of five batches is computed along a random line through its weights.
 */

const folder = await mkdtemp(path.join(tmpdir(), "vadi-observable-"));
try {
  const out = (name) => path.join(folder, name);
  const dataset = await generate({
    kind: "two-layer-sigmoid",
    rows: 50_000,
    seed: 10,
    out: out("data"),
  });
  const run = await train(dataset, {
    model: "mlp",
    batchSize: 1000,
    learningRate: 0.1,
    epochs: 5,
    out: out("run"),
  });
  const line = await landscape(run, { scale: "auto", points: 61, batches: 5, batchSize: 1000 });
  const history = (await run.history()).map(({ step, loss }) => ({ step, loss }));
  const curves = (await line.curves()).flatMap(({ batch, losses }) =>
    Array.from(losses, (loss, point) => ({ batch, alpha: line.record.alphas[point], loss })),
  );
  process.stdout.write(JSON.stringify({ rows: dataset.rows, history, curves }));
} finally {
  await rm(folder, { recursive: true, force: true });
}
