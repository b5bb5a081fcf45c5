import { createChance } from "../soak/chance.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateJson } from "./mutate-json.js";

/** The files of a sample, by path. */
export type Files = Readonly<Record<string, Buffer>>;

/** A changed file of a sample. */
export interface Input {
  sample: string;
  file: string;
  bytes: Buffer;
}

/** A file that holds a JSON document, or one a line. */
const JSON_FILE = /\.jsonl?$/;

/** An input; it follows from the seed and its number alone. */
export function makeInput(
  seed: number,
  number: number,
  samples: readonly { name: string; files: Files; changed: readonly string[] }[],
): Input {
  const chance = createChance(seed, number);
  const { name, files, changed } = chance.one(samples);
  const file = chance.one(changed);
  const bytes = files[file];
  if (bytes === undefined) throw new Error(`The sample ${name} has no file ${file}.`);
  // A JSON file is mostly broken by its values: other bytes seldom get past the parser.
  if (JSON_FILE.test(file) && chance.fraction() < 0.75) {
    const lines = bytes.toString().trimEnd().split("\n");
    const isList = file.endsWith("l");
    const at = chance.whole(0, lines.length - 1);
    if (!isList) return { sample: name, file, bytes: mutated(bytes.toString()) };
    lines[at] = mutated(lines[at]!).toString();
    return { sample: name, file, bytes: Buffer.from(`${lines.join("\n")}\n`) };
  }
  const ending = /\.[a-z]+$/.exec(file)?.[0] ?? file;
  const others = samples.flatMap((sample) =>
    sample.changed.filter((path) => path.endsWith(ending)).map((path) => sample.files[path]!),
  );
  return { sample: name, file, bytes: mutateBytes(bytes, chance, others) };

  function mutated(text: string): Buffer {
    return Buffer.from(mutateJson(JSON.parse(text), chance));
  }
}
