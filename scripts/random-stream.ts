import { endianness } from "node:os";
import { parseArgs } from "node:util";
import { parseCount, parseSize } from "../src/common/text/parse.js";
import { quote } from "../src/common/text/quote.js";
import { messageOf, usageError, VadiError } from "../src/common/errors.js";
import { fillRandomWords } from "../src/generate/index.js";

/*
 * Writes the raw 32-bit words of the random numbers to stdout, little-endian, as fast as they are
 * read, so that a battery of tests can judge them:
 *
 *   npm run --silent random-stream -- --seed 42 | dieharder -a -g 200
 *   npm run --silent random-stream -- --interleave 16 | RNG_test stdin32
 *
 * One stream of one seed is read row after row, 2³⁴ words a row. `--interleave n` deals words from n
 * neighbouring streams, seeds or rows in turn, so that what they have in common shows itself.
 * `--words-per-row 12` takes the first 12 words of every row, as a dataset of 12 features does.
 */

/** The 32-bit block counter of a row makes four words each time. */
const WORDS_IN_A_ROW = 2 ** 34;
const PIECE_WORDS = 1 << 16;
const LANES = 1 << 14;

interface Order {
  seed: number;
  stream: number;
  row: number;
  interleave: number;
  across: string;
  wordsPerRow: number;
}

/** Fills an array with the words that come next. */
type Source = (words: Uint32Array) => void;

/** The words of one stream of one seed: the first `wordsPerRow` of rows row, row + step, … */
function openLane(
  seed: number,
  stream: number,
  firstRow: number,
  step: number,
  wordsPerRow: number,
): Source {
  let row = firstRow;
  let word = 0;
  return (words) => {
    for (let done = 0; done < words.length;) {
      const count = Math.min(words.length - done, wordsPerRow - word);
      fillRandomWords(words.subarray(done, done + count), seed, stream, row, word);
      done += count;
      word += count;
      if (word === wordsPerRow) {
        word = 0;
        row += step;
      }
    }
  };
}

function openSource(order: Order): Source {
  const { seed, stream, row, interleave, across, wordsPerRow } = order;
  const lanes = Array.from({ length: interleave }, (_, lane) =>
    openLane(
      across === "seeds" ? seed + lane : seed,
      across === "streams" ? stream + lane : stream,
      across === "rows" ? row + lane : row,
      across === "rows" ? interleave : 1,
      wordsPerRow,
    ),
  );
  const [only] = lanes;
  if (only !== undefined && lanes.length === 1) return only;
  return (words) => {
    const own = new Uint32Array(words.length / interleave);
    for (const [lane, fill] of lanes.entries()) {
      fill(own);
      for (let index = 0, to = lane; index < own.length; index++, to += interleave) {
        words[to] = own[index] ?? 0;
      }
    }
  };
}

/** Writes bytes and waits until they are taken. False where nobody reads any more. */
function put(bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error === null || error === undefined) resolve(true);
      else if ("code" in error && error.code === "EPIPE") resolve(false);
      else reject(error);
    });
  });
}

async function writeWords(order: Order, bytes: number): Promise<void> {
  const fill = openSource(order);
  // Whole turns of all lanes.
  const words = new Uint32Array(Math.ceil(PIECE_WORDS / order.interleave) * order.interleave);
  const piece = Buffer.from(words.buffer);
  for (let left = bytes; left > 0; left -= piece.byteLength) {
    fill(words);
    if (endianness() === "BE") piece.swap32();
    if (!(await put(piece.subarray(0, Math.min(left, piece.byteLength))))) return;
  }
}

function checkCount(text: string, option: string, least: number, most: number): number {
  const value = parseCount(text, option);
  if (value >= least && value <= most) return value;
  throw usageError(`${option} must be from ${least} to ${most}, not ${quote(text)}.`);
}

function readOrder(): { order: Order; bytes: number } {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "42" },
      stream: { type: "string", default: "0" },
      row: { type: "string", default: "0" },
      interleave: { type: "string", default: "1" },
      // What is interleaved: streams, seeds or rows.
      across: { type: "string", default: "streams" },
      "words-per-row": { type: "string", default: String(WORDS_IN_A_ROW) },
      // Without it, the words end when nobody reads them any more.
      bytes: { type: "string" },
    },
  });
  const { across } = values;
  if (!["streams", "seeds", "rows"].includes(across)) {
    throw usageError(`--across must be streams, seeds or rows, not ${quote(across)}.`);
  }
  const interleave = checkCount(values.interleave, "--interleave", 1, LANES);
  const most = Number.MAX_SAFE_INTEGER;
  return {
    order: {
      seed: checkCount(
        values.seed,
        "--seed",
        0,
        across === "seeds" ? most - (interleave - 1) : most,
      ),
      stream: checkCount(values.stream, "--stream", 0, 2 ** 32 - interleave),
      row: checkCount(values.row, "--row", 0, 2 ** 52),
      interleave,
      across,
      wordsPerRow: checkCount(values["words-per-row"], "--words-per-row", 1, WORDS_IN_A_ROW),
    },
    bytes: values.bytes === undefined ? Infinity : parseSize(values.bytes, "--bytes"),
  };
}

// A reader that has had enough closes its end: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  const { order, bytes } = readOrder();
  await writeWords(order, bytes);
} catch (error) {
  const [sentence = ""] = messageOf(error).split("\n");
  process.stderr.write(`${sentence}\n`);
  const isUsage = error instanceof VadiError ? error.kind === "usage" : error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
