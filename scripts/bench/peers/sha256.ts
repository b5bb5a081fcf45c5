// SHA-256 alone: as many bytes as a dataset has, from memory, in one thread.
import { createHash } from "node:crypto";
import { fillRandomWords } from "../../../src/generate/index.js";
import { runPeer } from "./peer.js";

const words = new Uint32Array(2 ** 18);
fillRandomWords(words, 42, 0, 0);
const piece = Buffer.from(words.buffer);

await runPeer<{ bytes: number }>(({ bytes }) => {
  const hash = createHash("sha256");
  for (let left = bytes; left > 0; left -= piece.byteLength) {
    hash.update(piece.subarray(0, Math.min(left, piece.byteLength)));
  }
  hash.digest("hex");
});
