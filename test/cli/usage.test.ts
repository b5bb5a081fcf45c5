import { assert, test } from "../helpers/test.js";
import { loadCommands } from "../../src/cli/commands/index.js";
import { readCommandLine } from "../../src/cli/parse/parse.js";
import { VadiError } from "../../src/common/errors.js";
import { inFolder, vadi } from "./vadi.js";

const commands = await loadCommands();

const generate = ["generate", "lsm", "--out", "x"];

/** Words that cannot be right, and what the sentence must say. */
const wrong: [words: string[], says: RegExp][] = [
  [["trian"], /^There is no command "trian": did you mean train\?$/],
  [["zzzzzz"], /^There is no command "zzzzzz": the commands are .*generate.*\.$/],
  [["generate"], /^vadi generate needs KIND: lsm .*\.$/],
  [["--quiet", "inspect"], /^vadi inspect needs DATASET: /],
  [["report"], /^vadi report needs SOURCE: /],
  [["generate", "lsm"], /^vadi generate needs --out: /],
  [["train", "data"], /^vadi train needs --out: /],
  [["generate", "quadratic", "--out", "x"], /^KIND must be lsm or two-layer-sigmoid, not "quad/],
  [["inspect", "a", "b"], /^vadi inspect .* does not take the further argument "b"\.$/],
  [[...generate, "--rwos", "5"], /no option --rwos: did you mean --rows\?$/],
  [[...generate, "--shardRows", "5"], /no option --shardRows: did you mean --shard-rows\?$/],
  [[...generate, "--epochs", "5"], /^--epochs is an option of vadi train, .*not of vadi generate/],
  [[...generate, "-z"], /no option -z: see vadi generate --help\.$/],
  [[...generate, "--__proto__", "5"], /^There is no option --__proto__/],
  [[...generate, "--constructor", "5"], /^There is no option --constructor/],
  [[...generate, "--rows"], /^--rows needs a value\.$/],
  [[...generate, "--no-rows"], /^--rows needs a value\.$/],
  [[...generate, "--rows", "many"], /^--rows must be a whole number .*not "many"\.$/],
  [[...generate, "--rows", "1.5"], /^--rows must be a whole number/],
  [[...generate, "--rows", "-5"], /^--rows must be a whole number .*not "-5"\.$/],
  [[...generate, "--noise", "loud"], /^--noise must be a number/],
  [[...generate, "--noise", "1e999"], /^--noise must be a number/],
  [[...generate, "--seed", "9007199254740992"], /^--seed must be at most 2\^53 - 1/],
  [[...generate, "--format", "csv"], /^--format must be arrow or parquet, not "csv"\.$/],
  [[...generate, "--force=maybe"], /^--force must be true or false, not "maybe"\.$/],
  [[...generate, "--out="], /^--out must not be empty\.$/],
  [["train", "x", "--out", "y", "--memory", "lots"], /^--memory must be a size/],
  [
    ["train", "x", "--out", "y", "--shuffle", "full"],
    /^--shuffle must be none, shards, window, buffer or/,
  ],
  [
    ["landscape", "x", "--batches", "some"],
    /^--batches must be a number of batches, all, or a list/,
  ],
  [["landscape", "x", "--batches", "1,,2"], /^--batches must be a number of batches/],
];

/** What only the library knows to be wrong. */
const wrongForTheLibrary: [words: string[], says: RegExp][] = [
  [[...generate, "--rows", "0"], /^--rows must be /],
  [[...generate, "--noise", "-1"], /^--noise must be /],
  [[...generate, "--compression", "snappy"], /^--compression is for --format parquet/],
  [[...generate, "--resume", "--force"], /^--resume continues .* --force .*; give one of them\.$/],
  [["train", "x", "--out", "y", "--resume", "--force"], /^--resume continues .*one of them\.$/],
  [
    ["inspect", "x", "--rows", "1G"],
    /^--rows must be a whole number from 0 to 100000, not 1000000000\.$/,
  ],
  [["experiment", "nothing-like-it"], /^There is no experiment "nothing-like-it": /],
  [["experiment", "paraboloidd"], /^There is no experiment "paraboloidd": did you mean paraboloid/],
];

test("what cannot be right is a usage error that says what", () => {
  const line = { commands, environment: {} };
  for (const [words, says] of wrong) {
    try {
      readCommandLine(words, line);
    } catch (error) {
      assert.instance(error, VadiError, `${words.join(" ")}: ${String(error)}`);
      assert.is((error as VadiError).kind, "usage");
      assert.match((error as VadiError).message, says, words.join(" "));
      continue;
    }
    assert.unreachable(`accepted: ${words.join(" ")}`);
  }
});

test("a usage error ends with 2 and one sentence on stderr", async () => {
  await inFolder(async (cwd) => {
    for (const [words, says] of [...wrong.slice(0, 3), ...wrongForTheLibrary]) {
      const { code, stdout, stderr } = await vadi([...words, "--json"], { cwd });
      const written = `${words.join(" ")}: ${stderr}`;
      assert.is(code, 2, written);
      assert.is(stdout, "", written);
      assert.is(stderr.trimEnd().split("\n").length, 1, written);
      assert.match(stderr.trimEnd(), says, written);
    }
  });
});

test("work that cannot be done ends with 1, one sentence, and a stack only with --debug", async () => {
  await inFolder(async (cwd) => {
    for (const words of [
      ["inspect", "nowhere"],
      ["verify", "nowhere"],
      ["train", "nowhere", "--out", "run"],
      ["landscape", "nowhere"],
      ["report", "nowhere"],
    ]) {
      const { code, stdout, stderr } = await vadi([...words, "--json"], { cwd });
      assert.is(code, 1, `${words.join(" ")}: ${stderr}`);
      assert.is(stdout, "");
      assert.match(stderr, "nowhere");
      assert.not.match(stderr, /\n {4}at |Unexpected error/);
      assert.is(stderr.trimEnd().split("\n").length, 1, stderr);
    }
    const debugged = await vadi(["inspect", "nowhere", "--debug"], { cwd });
    assert.is(debugged.code, 1);
    assert.match(debugged.stderr, /\n {4}at /);
  });
});

test("no words make the parser throw anything but a usage error", () => {
  const words = ["generate", "lsm", "--out", "--rows", "=", "--", "-", "--no-out", "--rows=", "5"];
  words.push("--out=x", "--json", "--json=", "-h=1", "--help=false", "..", "é", "\u0000");
  const line = { commands, environment: {} };
  let at = 1;
  for (let round = 0; round < 100; round++) {
    const chosen: string[] = ["generate"];
    for (let count = 0; count < 5; count++) {
      at = (at * 48_271) % 2_147_483_647;
      chosen.push(words[at % words.length] ?? "");
    }
    try {
      readCommandLine(chosen, line);
    } catch (error) {
      assert.instance(error, VadiError, `${chosen.join(" ")}: ${String(error)}`);
      assert.is((error as VadiError).kind, "usage");
    }
  }
});

test.run();
