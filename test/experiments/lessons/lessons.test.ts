import { readFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { inFolder } from "../../helpers/folder.js";
import { ENGLISH, visibleTexts } from "../../helpers/visible-text.js";
import { experimentCommand } from "../../../src/cli/commands/reports/experiment.js";
import { readCommandLine } from "../../../src/cli/parse/parse.js";
import { allowedOptions } from "../../../src/experiments/context.js";
import { experiments, type OptionValue } from "../../../src/experiments/index.js";
import { lessonNames, lessonOf, PLANS } from "../../../src/experiments/lessons/index.js";
import { LANGUAGE_CODES, languageOf } from "../../../src/language/index.js";
import { formulaHtml } from "../../../src/report/page/formula.js";

test("the lessons are the notebook's 19 experiments, in its order", () => {
  assert.equal(lessonNames, [
    "lsm-data",
    "closed-form",
    "gradient-descent",
    "autograd",
    "paraboloid",
    "walk",
    "slice-random",
    "slice-optimum",
    "sgd",
    "sgd-large",
    "batches-overlaid",
    "two-layer-sigmoid-data",
    "mlp",
    "mlp-batches-overlaid",
    "mlp-zoom",
    "hundred-million",
    "optimisers",
    "device",
    "non-convexity",
  ]);
  assert.equal(Object.keys(experiments), lessonNames);
});

test("every lesson is complete in every language", () => {
  for (const code of LANGUAGE_CODES) {
    const { lessons } = languageOf(code).texts.course;
    for (const name of lessonNames) {
      const { title, question, method, look, numbers, tries } = lessons[name];
      for (const text of [title, method, look, ...tries]) assert.ok(text.length > 4, name);
      assert.ok(question.endsWith("?"), `${code} ${name}: ${question}`);
      assert.is(tries.length, PLANS[name].tries.length, `${code} ${name}`);
      assert.ok(tries.length >= 2 && tries.length <= 3, `${code} ${name}`);
      assert.equal(Object.keys(numbers), Object.keys(PLANS[name].numbers), `${code} ${name}`);
    }
  }
});

test("every formula is TeX; what is not is shown as text, and nothing of it is HTML", () => {
  for (const name of lessonNames) {
    const html = formulaHtml(PLANS[name].formula);
    assert.match(html, "<math", name);
    assert.not.match(PLANS[name].formula, String.raw`\text`, "formulas are for every language");
    assert.not.match(html, /merror|color:\s*#?(?:red|b22222)/i, name);
  }
  const html = formulaHtml(String.raw`\frac{<script>alert(1)</script>`);
  assert.match(html, "&lt;script");
  assert.not.match(html, "<script");
  for (const tex of [
    String.raw`\href{javascript:alert(1)}{x}`,
    String.raw`\class{page}{x}`,
    String.raw`\text{<img src=x onerror=alert(1)>}`,
    "x".repeat(3000),
  ])
    assert.not.match(formulaHtml(tex), /<img|<a\b|href=|class="page"/, tex.slice(0, 40));
});

/** What makes an experiment run in a moment, where the command to try leaves it free. */
const TINY: Readonly<Record<string, OptionValue>> = { rows: 2000, epochs: 2, batchSize: 500 };

/** What backends say of themselves is shown as they say it. */
const OF_BACKENDS = /^It is not installed\.$|\(built in; /;

test(
  "every command to try parses and runs, on few rows; its report is in one language",
  inFolder(async (folder) => {
    const context = {
      signal: new AbortController().signal,
      onProgress: () => {},
      note: () => {},
      announce: async () => {},
      commands: async () => [experimentCommand],
    };
    const outs = new Set<string>();
    for (const lesson of lessonNames) {
      const { tries } = lessonOf(languageOf("tr"), lesson, {}, { quick: true, overrides: {} });
      for (const { command, text } of tries) {
        assert.ok(text.length > 0, command);
        const [program, ...words] = command.split(" ");
        assert.is(program, "vadi");
        const read = readCommandLine(words, { commands: [experimentCommand], environment: {} });
        if (read.kind !== "run") throw new Error(`${command} is not a command that runs.`);
        const { name, out, quick, language } = read.values;
        assert.equal([quick, language], [true, "tr"], command);
        const allowed = allowedOptions(experiments[String(name)]!);
        const tiny = Object.entries(TINY).filter(([option]) => allowed.has(option));
        outs.add(String(out));
        const made = await experimentCommand.run(
          { ...Object.fromEntries(tiny), ...read.values, out: path.join(folder, String(out)) },
          context,
        );
        const page = await readFile((made.json as { report: string }).report, "utf8");
        const left = visibleTexts(page).filter(
          (one) => ENGLISH.test(one) && !OF_BACKENDS.test(one),
        );
        assert.equal(left, [], command);
      }
    }
    assert.ok(outs.size >= 2 * lessonNames.length, "each has a folder of its own");
  }),
);

test.run();
