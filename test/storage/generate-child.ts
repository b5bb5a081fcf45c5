// A process that generates a dataset, to be killed: `node generate-child.js SPEC.json-text`.
import { writeDataset, type GenerateSpec } from "../../src/storage/index.js";

const spec = JSON.parse(process.argv[2] ?? "") as GenerateSpec;
try {
  await writeDataset(spec, { onProgress: ({ phase }) => process.stdout.write(`${phase}\n`) });
  process.stdout.write("finished\n");
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
  process.exitCode = 1;
}
