import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { VadiError } from "../../../src/common/errors.js";
import type { ExperimentDocument } from "../../../src/report/index.js";
import {
  experimentFile,
  readExperimentDocument,
  renderReport,
  writeExperimentDocument,
} from "../../../src/report/index.js";
import { exampleSections } from "../example.js";

const folder = await mkdtemp(path.join(tmpdir(), "vadi-experiment-"));
const document: ExperimentDocument = {
  formatVersion: 1,
  name: "example",
  title: "An example",
  sections: exampleSections(),
};

async function messageOfReading(text: string): Promise<string> {
  await writeFile(path.join(folder, experimentFile), text);
  try {
    await readExperimentDocument(folder);
  } catch (error) {
    assert.instance(error, VadiError);
    return (error as VadiError).message;
  }
  throw new Error("a malformed document was read");
}

test("a document written and read again gives the same report, gaps and notes included", async () => {
  await writeExperimentDocument(folder, document);
  const read = await readExperimentDocument(folder);
  assert.is(read.name, "example");
  // In JSON a table's NaN is the word, which is also what the page shows.
  const [title, sections] = ["Same", read.sections];
  const text = renderReport({ title, sections }).replaceAll(' title="NaN"', "");
  const original = renderReport({ title, sections: document.sections }).replaceAll(
    ' title="NaN"',
    "",
  );
  assert.is(text, original);
});

test("typed arrays are plain arrays in the file", async () => {
  await writeExperimentDocument(folder, document);
  const text = await readFile(path.join(folder, experimentFile), "utf8");
  const json = JSON.parse(text) as {
    sections: { blocks: { series: { y: unknown[] }[] }[] }[];
  };
  const y = json.sections[0]?.blocks[0]?.series[0]?.y;
  assert.ok(Array.isArray(y));
  assert.is(y.length, 20_000);
  assert.is(y[100], null);
});

test("what is not such a document is refused with the name of the field", async () => {
  assert.match(await messageOfReading("{"), "not valid JSON");
  assert.match(await messageOfReading('{"formatVersion":2}'), "formatVersion");
  const wrongId = { ...document, sections: [{ id: "A b", title: "", blocks: [] }] };
  assert.match(await messageOfReading(JSON.stringify(wrongId)), "sections.0.id");
  const wrongKind = { ...document, sections: [{ id: "a", title: "", blocks: [{ kind: "html" }] }] };
  assert.match(await messageOfReading(JSON.stringify(wrongKind)), "sections.0.blocks.0");
});

test.after(() => rm(folder, { recursive: true, force: true }));
test.run();
