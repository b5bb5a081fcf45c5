// What the disk costs: all files read twice in blocks, and as many bytes written once between.
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { runPeer } from "./peer.js";

const BLOCK = 4 * 1024 * 1024;
const block = new Uint8Array(BLOCK);

function readWhole(file: string, use: (bytes: Uint8Array) => void): void {
  const descriptor = openSync(file, "r");
  for (;;) {
    const bytes = readSync(descriptor, block, 0, BLOCK, null);
    if (bytes === 0) break;
    use(block.subarray(0, bytes));
  }
  closeSync(descriptor);
}

await runPeer<{ files: string[]; scratch: string }>(({ files, scratch }) => {
  const descriptor = openSync(scratch, "w");
  for (const file of files) readWhole(file, (bytes) => void writeSync(descriptor, bytes));
  closeSync(descriptor);
  readWhole(scratch, () => {});
  rmSync(scratch);
});
