import {
  choice,
  count,
  names,
  number,
  size,
  text,
  toggle,
  type Kind,
} from "../../../src/common/options/kinds.js";
import {
  checkValue,
  fillOptions,
  flag,
  optional,
  optionWords,
  pickOptions,
  required,
  withDefault,
} from "../../../src/common/options/options.js";
import { recordedSchema } from "../../../src/common/options/recorded.js";
import { assert, test } from "../../helpers/test.js";

const table = {
  out: required(text, "Folder"),
  batchSize: withDefault(count(1, 100), 10, "Rows per batch", { printed: "always" }),
  rate: withDefault(number({ above: 0 }), 0.1, "Rate"),
  clipNorm: optional(number({ above: 0 }), "Norm", "no clipping"),
  memory: withDefault(size, 2 ** 20, "Memory", { changes: "speed", printed: "given" }),
  gamma: withDefault(number(), 2, "Gamma", { appliesTo: ({ rate }) => rate === 1 }),
  force: flag("Replace"),
};

test("defaults are filled in; null stands where there is none", () => {
  assert.equal(fillOptions(table, { out: "x" }), {
    out: "x",
    batchSize: 10,
    rate: 0.1,
    clipNorm: null,
    memory: 2 ** 20,
    gamma: 2,
    force: false,
  });
  assert.is(fillOptions(table, { out: "x", rate: undefined }).rate, 0.1);
});

test("an error names the option as the library does", () => {
  const cases: [given: object, says: string][] = [
    [{}, "The option out is required."],
    [{ out: "" }, 'out must be text that is not empty, not "".'],
    [{ out: "x", batchSize: 0 }, "batchSize must be a whole number from 1 to 100, not 0."],
    [{ out: "x", batchSize: 1.5 }, "batchSize must be a whole number from 1 to 100, not 1.5."],
    [{ out: "x", batchSize: 101 }, "batchSize must be a whole number from 1 to 100, not 101."],
    [{ out: "x", batchSize: "5" }, 'batchSize must be a whole number from 1 to 100, not "5".'],
    [{ out: "x", batchSize: null }, 'batchSize must be a whole number from 1 to 100, not "null".'],
    [{ out: "x", rate: Number.NaN }, "rate must be a number above 0, not NaN."],
    [{ out: "x", rate: Infinity }, "rate must be a number above 0, not Infinity."],
    [{ out: "x", force: 1 }, "force must be true or false, not 1."],
  ];
  for (const [given, says] of cases) {
    assert.throws(
      () => fillOptions(table, given as never),
      (error: Error) => error.message === says,
      says,
    );
  }
});

function check<Value>(kind: Kind<Value>, values: readonly Value[]): void {
  for (const value of values) {
    const written = kind.print(value);
    assert.equal(checkValue(kind, kind.parse(written, "--x"), "--x", written), value);
  }
}

test("every kind reads what it prints", () => {
  check(count(), [0, 1, 999, 1e6, 25e6, 1_000_001, Number.MAX_SAFE_INTEGER]);
  check(size, [1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 30]);
  check(number(), [0, -1.5, 1e-8, 0.1, 1e300]);
  check(toggle, [true, false]);
  check(choice(["a", "b"]), ["a", "b"]);
  check(text, ["a", "a b"]);
  check(names, [["a"], ["a", "b"]]);
});

test("a command line names what differs, in the table's order, as far as it applies", () => {
  const used = fillOptions(table, { out: "x y" });
  assert.equal(optionWords(table, used, { out: "x y" }), ["--out", "'x y'", "--batch-size", "10"]);
  const given = { out: "x", rate: 1, gamma: 3, memory: 2 ** 21, force: true };
  assert.is(
    optionWords(table, fillOptions(table, given), given).join(" "),
    "--out x --batch-size 10 --rate 1 --memory 2MiB --gamma 3",
  );
  // Without the rate that it belongs to, gamma has no effect.
  const other = { out: "x", gamma: 3 };
  assert.not.match(optionWords(table, fillOptions(table, other), other).join(" "), "gamma");
});

test("only options of the table that are given are picked", () => {
  assert.equal(pickOptions(table, { rate: 1, out: undefined, other: 2 }), { rate: 1 });
});

test("a record holds every option, and lacks none that came later", () => {
  const schema = recordedSchema(table);
  const filled = fillOptions(table, { out: "x" });
  assert.equal(schema.parse(JSON.parse(JSON.stringify(filled))), filled);
  assert.equal(schema.parse({ out: "x" }), filled);
  const wrong = schema.safeParse({ out: "x", batchSize: 0 });
  assert.is(wrong.error?.issues[0]?.message, "must be a whole number from 1 to 100");
});

test.run();
