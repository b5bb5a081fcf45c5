// What the disk costs: all files read twice in blocks, and as many bytes written once between.
import { closeSync, constants, openSync, readSync, rmSync, writeSync } from "node:fs";
import { runPeer } from "./peer.js";

const BLOCK = 4 * 1024 * 1024;
/** Where a block in memory must start, and what its length must be a multiple of, past the cache. */
const SECTOR = 4096;

/** A block whose first byte stands where direct reads and writes want it. */
function alignedBlock(): Uint8Array {
  // A WebAssembly memory starts on a page of the system's.
  return new Uint8Array(new WebAssembly.Memory({ initial: BLOCK / 65_536 }).buffer);
}

const block = alignedBlock();

function readWhole(file: string, flags: number, use: (bytes: Uint8Array) => void): void {
  const descriptor = openSync(file, constants.O_RDONLY | flags);
  for (;;) {
    const bytes = readSync(descriptor, block, 0, BLOCK, null);
    if (bytes === 0) break;
    use(block.subarray(0, bytes));
  }
  closeSync(descriptor);
}

// `direct`: past the system's cache, so that the disk itself is measured, whatever the memory holds.
await runPeer<{ files: string[]; scratch: string; direct: boolean }>(
  ({ files, scratch, direct }) => {
    const flags = direct ? constants.O_DIRECT : 0;
    const create = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
    const descriptor = openSync(scratch, create | flags);
    for (const file of files) {
      readWhole(file, flags, (bytes) => {
        const whole = Math.ceil(bytes.length / SECTOR) * SECTOR;
        writeSync(descriptor, direct ? block.subarray(0, whole) : bytes);
      });
    }
    closeSync(descriptor);
    readWhole(scratch, flags, () => {});
    rmSync(scratch);
  },
);
