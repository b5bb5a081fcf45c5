// Runs in a worker thread: sums a share of the Hessian over the rows that it is given.
import { workerTask } from "../../common/worker-task.js";
import { openMatrixSums, type MatrixSums } from "./kernel-matrix.js";
import type { MatrixTask, ShareSums } from "./types.js";

let own: MatrixSums | undefined;

const runMatrixTask: (task: MatrixTask) => Promise<ShareSums | undefined> = workerTask(
  ({ network, part, share, begun, rows }) => {
    own ??= openMatrixSums(network, part, share, begun);
    if (rows === undefined) return own.sums();
    own.add(rows);
    return undefined;
  },
);

export default runMatrixTask;
