// Runs in a worker thread: computes Hessian–vector products of parts of the rows.
import { workerTask } from "../../common/worker-task.js";
import { openKernelProducts, type KernelProducts } from "./kernel-products.js";
import type { ProductTask } from "./types.js";

/** The network of the last task; its weights and vectors stay in the kernel's memory from part to part. */
let current: { id: number; pass: number; kernel: KernelProducts } | undefined;

const runProductTask: (task: ProductTask) => Promise<Float64Array> = workerTask(
  ({ id, network, pass, vectors, part, rows }) => {
    if (current?.id !== id) current = { id, pass: -1, kernel: openKernelProducts(network) };
    if (current.pass !== pass) {
      current.pass = pass;
      current.kernel.setVectors(vectors);
    }
    return current.kernel.add(rows, part);
  },
);

export default runProductTask;
