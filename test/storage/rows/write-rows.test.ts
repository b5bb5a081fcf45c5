import { readFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import * as arrow from "apache-arrow";
import { createDataset } from "../../../src/index.js";
import type { Rows } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { assertNothingTemporary } from "../jobs.js";
import { assertRejects, namesIn, readRows, sumsOf } from "../folders.js";

interface Trip {
  km: number;
  card: number;
  fare: number;
}

/** Rows whose numbers float32 holds, and those of `fare` float16 too. */
function trip(row: number): Trip {
  return { km: row / 4, card: row % 2, fare: 3 + (row % 1000) / 2 };
}

const ROWS = 3000;
const trips = Array.from({ length: ROWS }, (_, row) => trip(row));
const x = trips.flatMap(({ km, card }) => [km, card]);
const y = trips.map(({ fare }) => fare);

function* generated(from = 0): Generator<Trip> {
  for (let row = from; row < ROWS; row++) yield trip(row);
}

async function* awaited(): AsyncGenerator<Trip> {
  for (const row of generated()) yield await Promise.resolve(row);
}

/**
 * All rows in batches.
 *
 * @yields 700 rows, the last time fewer
 */
function* batches<Values>(make: (values: number[]) => Values): Generator<{ x: Values; y: Values }> {
  for (let row = 0; row < ROWS; row += 700) {
    yield { x: make(x.slice(2 * row, 2 * (row + 700))), y: make(y.slice(row, row + 700)) };
  }
}

/** A table of Arrow whose columns have the types that are numbers there. */
function arrowTable(): arrow.Table {
  const dictionary = new arrow.Dictionary(new arrow.Float64(), new arrow.Int32());
  const quarters = Uint32Array.from(trips.flatMap(({ km }) => [km * 100, 0, 0, 0]));
  const decimals = arrow.makeData({
    type: new arrow.Decimal(2, 20, 128),
    length: ROWS,
    nullCount: 0,
    data: quarters,
  });
  return new arrow.Table({
    name: arrow.vectorFromArray(
      trips.map(() => "a"),
      new arrow.Utf8(),
    ),
    km: new arrow.Vector([decimals]),
    card: arrow.vectorFromArray(
      trips.map(({ card }) => card === 1),
      new arrow.Bool(),
    ),
    fare: arrow.vectorFromArray(y, dictionary),
  });
}

/**
 * All rows in record batches with floats of 16 bits and integers of 64.
 *
 * @yields 1024 rows, the last time fewer
 */
function* recordBatches(): Generator<arrow.RecordBatch> {
  for (let row = 0; row < ROWS; row += 1024) {
    const part = trips.slice(row, row + 1024);
    const table = new arrow.Table({
      fare: arrow.vectorFromArray(
        part.map(({ fare }) => fare),
        new arrow.Float16(),
      ),
      km: arrow.vectorFromArray(
        part.map(({ km }) => km),
        new arrow.Float32(),
      ),
      card: arrow.vectorFromArray(
        part.map(({ card }) => BigInt(card)),
        new arrow.Int64(),
      ),
    });
    yield table.batches[0]!;
  }
}

test(
  "rows give the same bytes in every form in which a program has them",
  inFolder(async (folder) => {
    const forms: Record<string, () => Rows> = {
      array: () => trips,
      generator: () => generated(),
      "async generator": awaited,
      "Node stream": () => Readable.from(generated()),
      bigints: () => trips.map((row) => ({ ...row, card: BigInt(row.card) })),
      booleans: () => trips.map((row) => ({ ...row, card: row.card === 1 })),
      Float32Array: () => batches((values) => Float32Array.from(values)),
      Float64Array: () => batches((values) => Float64Array.from(values)),
      "number[]": () => batches((values) => values),
      "rows with vectors": () => trips.map(({ km, card, fare }) => ({ x: [km, card], y: fare })),
      "a batch and rows": () => [...batches((values) => Float32Array.from(values))],
      "Arrow table": arrowTable,
      "Arrow record batches": recordBatches,
      "Arrow reader": () =>
        arrow.RecordBatchReader.from(arrow.tableToIPC(arrowTable(), "stream")) as Rows,
    };
    const columns = { target: "fare", features: ["km", "card"] };
    const sums = new Map<string, string>();
    for (const [name, rows] of Object.entries(forms)) {
      const out = path.join(folder, name);
      const dataset = await createDataset(rows(), { out, ...columns });
      assert.is(dataset.rows, ROWS, name);
      assert.equal(dataset.featureNames, ["km", "card"], name);
      sums.set(name, await sumsOf(out));
    }
    assert.equal(new Set(sums.values()).size, 1);
    const read = await readRows(path.join(folder, "array"));
    assert.equal([...read.x], x);
    assert.equal([...read.y], y);
  }),
);

test(
  "columns are those of the first row, and DuckDB reads what was written",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    const rows = trips.map(({ km, card, fare }) => ({ card, km: km + 1 / 3, fare }));
    const dataset = await createDataset(rows, { out, target: "fare", format: "parquet" });
    assert.equal(dataset.featureNames, ["card", "km"]);
    const [found] = await runSql(
      `select count(*)::int as n, sum(x0)::double as card, sum(x1::double) as km, sum(y::double) as fare from '${out}/*.parquet'`,
    );
    const km = rows.reduce((sum, row) => sum + Math.fround(row.km), 0);
    assert.equal(
      [found!["n"], found!["card"], found!["fare"]],
      [ROWS, 1500, 3 * (3000 + 999 * 250)],
    );
    assert.ok(Math.abs((found!["km"] as number) - km) < 1e-6);
    const named = await createDataset(arrowTable(), {
      out: path.join(folder, "arrow"),
      target: "fare",
    });
    assert.equal(named.featureNames, ["km", "card"]);
    assert.match(named.warnings.join(" "), /Left out because they are not numeric: name\./);
    // A shard of vadi itself: x is a list.
    const shard = await readFile(path.join(folder, "arrow", "shard-00000.arrow"));
    const again = await createDataset(arrow.tableFromIPC(shard), {
      out: path.join(folder, "again"),
    });
    assert.equal(again.featureNames, ["x0", "x1"]);
    assert.equal([...(await readRows(again.path)).x], x);
    const text = createDataset(arrowTable(), { out: path.join(folder, "text"), target: "name" });
    await assertRejects(text, "usage", /^Column name of the record batch is not numeric; choose/);
    const far = await createDataset(
      [
        { a: 1e9 + 1, y: 1 },
        { a: 1e9, y: 2 },
      ],
      {
        out: path.join(folder, "far"),
      },
    );
    assert.match(far.warnings.join(" "), /Column a loses digits/);
  }),
);

test(
  "what is wrong with rows is one sentence that names column and row, and nothing is left",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    const good = { a: 1, y: 2 };
    const cases: readonly (readonly [unknown, "failed" | "usage", RegExp])[] = [
      [[], "failed", /There are no rows/],
      [[good, { a: null, y: 1 }], "failed", /^Column a is missing in row 2 \(counted from 1\)/],
      [[good, good, { a: 1 }], "failed", /^Column y is missing in row 3/],
      [[{ a: "12,5", y: 1 }], "failed", /^Column a is the text "12,5" in row 1/],
      [[{ a: new Date(0), y: 1 }], "failed", /^Column a is a date in row 1/],
      [[{ a: NaN, y: 1 }], "failed", /^Column a is not a number in row 1/],
      [[good, { a: 1, y: -Infinity }], "failed", /^Column y is infinite in row 2/],
      [[{ a: 1e39, y: 1 }], "failed", /^Column a is 1e\+39, too large for float32 in row 1/],
      [[{ a: 10n ** 40n, y: 1 }], "failed", /too large for float32/],
      [[{ a: {}, y: 1 }], "failed", /^Column a is an object/],
      [[good, 7], "failed", /^Row 2 \(counted from 1\) is a number/],
      [[null], "failed", /^Row 1 \(counted from 1\) is null/],
      [7, "usage", /must be an iterable/],
      [[{ a: 1, b: 2 }], "usage", /have no column y; name the target.*a, b/],
      [[{ y: 1 }], "usage", /no numeric column besides/],
      [[{ x: [1, 2, 3], y: [1, 2] }], "failed", /first batch has 3 numbers in x and 2 in y/],
      [
        [
          { x: [1, 2], y: [1] },
          { x: [1, 2, 3], y: [1] },
        ],
        "failed",
        /batch after row 1 has 3 numbers in x and 1 in y; with 2 features/,
      ],
      [
        [
          { x: [1, 2], y: [1] },
          { x: [1, NaN], y: [1] },
        ],
        "failed",
        /^Column x1 is not a number in row 2/,
      ],
    ];
    for (const [rows, kind, says] of cases) {
      await assertRejects(createDataset(rows as Rows, { out }), kind, says);
      assert.equal(await namesIn(folder), []);
    }
    const names = { out, target: "y", features: ["a", "a"] };
    await assertRejects(createDataset([good], names), "usage", /named twice/);
    await assertRejects(
      createDataset([good], { ...names, features: ["y"] }),
      "usage",
      /the target/,
    );
    await assertRejects(
      createDataset(arrowTable(), { out, target: "fare", features: ["name"] }),
      "failed",
      /^Column name of the record batch is Utf8, which is not numeric/,
    );
    assert.equal(await namesIn(folder), []);
  }),
);

test(
  "invalid rows are left out on demand, and counted",
  inFolder(async (folder) => {
    const isGood = (row: number): boolean => row % 7 !== 3 && row < ROWS - 2;
    const rows = trips.map((one, row) => (isGood(row) ? one : { ...one, km: null }));
    const drop = { target: "fare", invalid: "drop" } as const;
    const dataset = await createDataset(rows, { out: path.join(folder, "a"), ...drop });
    const kept = trips.filter((_, row) => isGood(row));
    assert.is(dataset.rows, kept.length);
    assert.ok(dataset.manifest.kind === "table");
    assert.equal(dataset.manifest.source.dropped, ROWS - kept.length);
    assert.match(dataset.warnings.join(" "), /of 3000 rows have invalid values and were dropped/);
    const whole = path.join(folder, "b");
    await createDataset(kept, { out: whole, target: "fare" });
    const read = await readRows(path.join(folder, "a"));
    assert.equal([...read.y], [...(await readRows(whole)).y]);
    const inBatches = rows.map(({ km, card, fare }) => ({ x: [km, card], y: [fare] }));
    const out = path.join(folder, "c");
    await createDataset(inBatches, { out, ...drop, features: ["km", "card"] });
    assert.is(await sumsOf(out), await sumsOf(path.join(folder, "a")));
    const none = createDataset([{ a: null, y: 1 }], { ...drop, out: `${out}2`, target: "y" });
    await assertRejects(none, "failed", /All 1 rows have invalid values/);
  }),
);

/** Rows of which every fifth is invalid, and whose numbers are rounded. */
function gappyTrip(row: number): object {
  return row % 5 === 0 ? { ...trip(row), km: null } : { ...trip(row), km: row / 3 };
}

test(
  "an interrupted job goes on behind the rows that are on disk, and gives the same bytes",
  inFolder(async (folder) => {
    const options = { target: "fare", invalid: "drop", shardRows: 500 } as const;
    const whole = path.join(folder, "whole");
    const first = await createDataset(
      trips.map((_, row) => gappyTrip(row)),
      { ...options, out: whole },
    );
    const out = path.join(folder, "out");
    const starts: number[] = [];
    const rowsFrom =
      (failAt: number) =>
      (from: number): Iterable<object> => {
        starts.push(from);
        return (function* () {
          for (let row = from; row < ROWS; row++) {
            if (row === failAt) throw new Error("the connection was lost");
            yield gappyTrip(row);
          }
        })();
      };
    const lost = /^The rows ended with an error after row 1700: the connection was lost\.$/;
    await assertRejects(createDataset(rowsFrom(1700), { ...options, out }), "failed", lost);
    await assertNothingTemporary(out);
    await assertRejects(
      createDataset(rowsFrom(2), { ...options, out }),
      "failed",
      /not finished; use resume/,
    );
    const other = { ...options, out, resume: true, shardRows: 400 };
    await assertRejects(createDataset(rowsFrom(2), other), "failed", /another source or spec/);
    const resumed = { ...options, out, resume: true };
    await assertRejects(createDataset(rowsFrom(2600), resumed), "failed", /connection was lost/);
    const last = await createDataset(rowsFrom(-1), resumed);
    // 500 rows are those of 625 of the source.
    assert.equal(starts, [0, 1250, 2500]);
    assert.is(await sumsOf(out), await sumsOf(whole));
    assert.equal(last.warnings, first.warnings);

    // Rows that come again from the first on.
    const again = path.join(folder, "again");
    await assertRejects(
      createDataset(rowsFrom(1700)(0), { ...options, out: again }),
      "failed",
      lost,
    );
    const few = createDataset([gappyTrip(1)], { ...options, out: again, resume: true });
    await assertRejects(
      few,
      "failed",
      /^The rows ended before those that .* has already; use force/,
    );
    await createDataset(rowsFrom(-1)(0), { ...options, out: again, resume: true });
    assert.is(await sumsOf(again), await sumsOf(whole));
  }),
);

test(
  "a source is asked for rows only as they are written, and is closed when the job ends early",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    let given = 0;
    let written = 0;
    let most = 0;
    let isClosed = false;
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<object> {
      try {
        for (;;) {
          yield trip(++given);
          most = Math.max(most, given - written);
        }
      } finally {
        isClosed = true;
      }
    }
    const made = createDataset(endless(), {
      out,
      target: "fare",
      signal: stop.signal,
      onProgress({ done }) {
        written = done;
        if (done > 400_000) stop.abort();
      },
    });
    await assertRejects(made, "interrupted", /./);
    assert.ok(isClosed);
    // A record batch, and a block.
    assert.ok(most <= 65_536 + 8192, `${most} rows were taken ahead`);
    assert.equal(await namesIn(out), [".progress.jsonl"]);
  }),
);

test(
  "a source that never answers is left when the signal is aborted",
  inFolder(async (folder) => {
    const stop = new AbortController();
    const silent: AsyncIterable<object> = {
      [Symbol.asyncIterator]: () => ({
        next() {
          queueMicrotask(() => stop.abort());
          return new Promise(() => {});
        },
      }),
    };
    const out = path.join(folder, "out");
    await assertRejects(createDataset(silent, { out, signal: stop.signal }), "interrupted", /./);
    assert.equal(await namesIn(folder), []);
  }),
);

test.run();
