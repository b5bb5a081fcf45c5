// Runs in a worker thread: finds the pieces of parts of the rows.
import { workerTask } from "../../common/worker-task.js";
import { lineNetwork } from "./row/line-network.js";
import { createPartPieces, type PartPieces, type PiecesTask } from "./part-pieces.js";

/** The line of the last task. */
let current: { id: number; find: ReturnType<typeof createPartPieces> } | undefined;

const runPiecesTask: (task: PiecesTask) => Promise<PartPieces> = workerTask(
  ({ id, line, rows }) => {
    if (current?.id !== id) {
      const network = lineNetwork(line.centre, line.direction);
      current = { id, find: createPartPieces(network, line.from, line.to) };
    }
    return current.find(rows);
  },
);

export default runPiecesTask;
