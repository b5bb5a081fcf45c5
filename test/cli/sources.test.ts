import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fillOptions } from "../../src/common/options/options.js";
import { landscapeOptions } from "../../src/landscape/options.js";
import { generateOptions } from "../../src/storage/options.js";
import { trainingOptions } from "../../src/train/options.js";
import { assert, test } from "../helpers/test.js";
import { loadCommands } from "../../src/cli/commands/index.js";
import { readCommandLine, type Invocation } from "../../src/cli/parse/parse.js";
import { VadiError } from "../../src/common/errors.js";
import { inFolder, vadi } from "./vadi.js";

const commands = await loadCommands();

type Run = Extract<Invocation, { kind: "run" }>;

function read(words: string[], environment: NodeJS.ProcessEnv = {}): Run {
  const line = { commands, environment };
  const invocation = readCommandLine(words, line);
  if (invocation.kind !== "run") throw new Error("help");
  return invocation;
}

function rejects(words: string[], environment: NodeJS.ProcessEnv, says: RegExp): void {
  try {
    read(words, environment);
  } catch (error) {
    assert.instance(error, VadiError);
    assert.is((error as VadiError).kind, "usage");
    assert.match((error as VadiError).message, says);
    return;
  }
  assert.unreachable(`accepted: ${words.join(" ")}`);
}

async function withConfig(
  content: unknown,
  use: (file: string) => void | Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const file = path.join(folder, "options.json");
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
    await use(file);
  });
}

const generate = ["generate", "lsm", "--out", "x"];

test("defaults", () => {
  const { values, json, quiet, debug } = read(generate);
  assert.equal(values, { kind: "lsm", out: "x" });
  assert.equal([json, quiet, debug], [false, false, false]);
  assert.equal(fillOptions(generateOptions, { kind: "lsm", out: "x", ...values }), {
    kind: "lsm",
    out: "x",
    rows: 1_000_000,
    features: 10,
    noise: 0.1,
    seed: 42,
    format: "arrow",
    compression: "none",
    shardRows: null,
    workers: null,
    resume: false,
    force: false,
  });
  const training = fillOptions(trainingOptions, read(["train", "d", "--out", "r"]).values);
  assert.is(training.memory, 256 * 1024 ** 2);
  assert.is(training.learningRate, 0.001);
  assert.is(training.shuffle, "window");
  const line = fillOptions(landscapeOptions, read(["landscape", "r"]).values);
  assert.equal(
    // Without a number of batches the library takes five, or all where there are fewer.
    [line.points, line.scale, line.endpoint, line.batches],
    [101, 1, true, null],
  );
});

test("the command line wins over the environment, over the file", async () => {
  await withConfig({ rows: 1, features: 2, seed: 3 }, (file) => {
    const environment = { VADI_ROWS: "10", VADI_FEATURES: "20" };
    const { values } = read([...generate, "--rows", "100", "--config", file], environment);
    assert.equal(
      [values["rows"], values["features"], values["seed"], values["noise"]],
      [100, 20, 3, undefined],
    );
  });
});

test("the file itself may be named in the environment", async () => {
  await withConfig({ "learning-rate": 0.5, batchSize: "10k", dropLast: true, out: "r" }, (file) => {
    const { values } = read(["train", "d"], { VADI_CONFIG: file });
    assert.is(values["learningRate"], 0.5);
    assert.is(values["batchSize"], 10_000);
    assert.is(values["dropLast"], true);
    assert.is(values["out"], "r");
  });
});

test("required options may come from the environment; empty variables count as not set", () => {
  assert.is(read(["generate", "lsm"], { VADI_OUT: "y" }).values["out"], "y");
  rejects(["generate", "lsm"], { VADI_OUT: "" }, /needs --out/);
});

test("switches in the environment, on the command line, and turned off again", () => {
  assert.is(read(generate, { VADI_FORCE: "1" }).values["force"], true);
  assert.is(read(generate, { VADI_FORCE: "false" }).values["force"], false);
  assert.is(read([...generate, "--no-force"], { VADI_FORCE: "1" }).values["force"], false);
  assert.is(read([...generate, "--force=false"], { VADI_FORCE: "1" }).values["force"], false);
  assert.is(read(["landscape", "r", "--endpoint", "false"]).values["endpoint"], false);
  assert.is(read(["landscape", "r", "--no-endpoint"]).values["endpoint"], false);
  assert.is(read(generate, { VADI_JSON: "1" }).json, true);
  rejects(generate, { VADI_FORCE: "yes please" }, /^VADI_FORCE must be true or false/);
});

test("variables of other commands do no harm; those of none are pointed out", () => {
  const { notes, values } = read(generate, {
    VADI_EPOCHS: "5",
    VADI_ROWZ: "5",
    VADI_BROWSER: "/b",
    HOME: "/",
  });
  assert.is(values["rows"], undefined);
  assert.equal(notes, ["VADI_ROWZ names no option of vadi and has no effect."]);
});

test("an error says where the wrong value came from", async () => {
  rejects(generate, { VADI_ROWS: "many" }, /^VADI_ROWS must be a whole number/);
  await withConfig({ rows: "many" }, (file) => {
    rejects([...generate, "--config", file], {}, /^"rows" in .*options\.json must be a whole/);
  });
});

test("what is not a configuration is refused", async () => {
  const cases: [content: unknown, says: RegExp][] = [
    ["{", /is not valid JSON/],
    [[1], /must hold a JSON object/],
    ["null", /must hold a JSON object/],
    [{ rwos: 5 }, /^"rwos" in .* is no option of this command\. Did you mean "rows"\?$/],
    [{ rows: { a: 1 } }, /^"rows" in .* must be a text, a number/],
    [{ rows: null }, /^"rows" in .* must be a text, a number/],
    [{ config: "other.json" }, /^"config" in /],
    ['{"__proto__": {"rows": 5}}', /^"__proto__" in .* is no option/],
    [" ".repeat(2 * 1024 ** 2), /larger than 1 MiB/],
  ];
  for (const [content, says] of cases) {
    await withConfig(content, (file) => rejects([...generate, "--config", file], {}, says));
  }
  rejects([...generate, "--config", "/nowhere/at-all.json"], {}, /there is no file/);
  rejects([...generate, "--config", "/"], {}, /cannot be read/);
});

function batches(text: string): unknown {
  return read(["landscape", "r", "--batches", text]).values["batches"];
}

test("lists in a file, and what a list of batches may look like", async () => {
  await withConfig({ batches: [0, 3, 7] }, (file) => {
    assert.equal(read(["landscape", "r", "--config", file]).values["batches"], [0, 3, 7]);
  });
  assert.is(batches("12"), 12);
  assert.is(batches("all"), "all");
  assert.equal(batches("7,"), [7]);
  assert.equal(batches("0,3,7"), [0, 3, 7]);
});

test("given last, an option wins; a report takes several sources", () => {
  assert.is(read([...generate, "--rows", "1", "--rows=2k"]).values["rows"], 2000);
  assert.is(read([...generate, "--force", "--no-force"]).values["force"], false);
  assert.equal(read(["report", "a", "b", "007"]).values["source"], ["a", "b", "007"]);
});

test("a variable reaches a real process", async () => {
  await inFolder(async (cwd) => {
    const env = { VADI_ROWS: "1_000", VADI_OUT: "data", VADI_QUIET: "1" };
    const { code, stdout, stderr } = await vadi(["generate", "lsm", "--json"], { cwd, env });
    assert.is(code, 0, stderr);
    assert.is(stderr, "");
    assert.is((JSON.parse(stdout) as { rows: number }).rows, 1000);
  });
});

test.run();
