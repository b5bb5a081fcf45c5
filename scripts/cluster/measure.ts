import path from "node:path";
import { startCluster } from "./spark.js";

/** Times a job on one and two executors of one core. */
export async function measure(
  python: string,
  folder: string,
  note: (sentence: string) => void,
): Promise<void> {
  for (const workers of [1, 2]) {
    const cluster = await startCluster(python, path.join(folder, `spark-${workers}`), workers);
    await cluster.stop();
    note(String(workers));
  }
}
