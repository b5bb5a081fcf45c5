import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as zlib from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import { convert, openDataset, planConversion, VadiError } from "../../../src/index.js";
import type { ConvertOptions } from "../../../src/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { runSql } from "../duck.js";
import { assertRejects, namesIn, readRows, sumsOf } from "../folders.js";

/** Converts a text and reads the rows back. */
async function converted(
  folder: string,
  name: string,
  text: string | Uint8Array,
  options: Omit<ConvertOptions, "out"> = {},
): Promise<{ x: number[]; y: number[]; names: string[]; warnings: string[] }> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  const out = path.join(folder, `${name}-out`);
  const { warnings, manifest } = await convert(file, { ...options, out, force: true });
  const { x, y } = await readRows(out);
  assert.ok(manifest.kind === "table");
  return { x: [...x], y: [...y], names: manifest.columns.features, warnings };
}

test(
  "text files of every dress give the same rows",
  inFolder(async (folder) => {
    const plain = "a,b,y\n1.5,2000,1\n-2.25,3500,0\n0,1234,1\n";
    const cases: readonly (readonly [string, string | Uint8Array])[] = [
      ["t.csv", plain],
      ["t.tsv", plain.replaceAll(",", "\t")],
      ["bars.csv", plain.replaceAll(",", "|")],
      ["comma.csv", plain.replaceAll(",", ";").replaceAll(".", ",")],
      ["thousands.csv", 'a,b,y\n1.5,"2,000",1\n-2.25,"3,500",0\n0,"1,234",1\n'],
      ["german.csv", "a;b;y\n1,5;2.000;1\n-2,25;3.500;0\n0;1.234;1\n"],
      ["boolean.csv", "a,b,y\n1.5,2000,true\n-2.25,3500,false\n0,1234,true\n"],
      ["utf16.csv", Buffer.from(`\uFEFF${plain}`, "utf16le")],
      ["t.csv.gz", zlib.gzipSync(plain)],
      ["t.json", '[{"a":1.5,"b":2000,"y":1},{"a":-2.25,"b":3500,"y":0},{"a":0,"b":1234,"y":1}]'],
      [
        "t.ndjson",
        '{"a":1.5,"b":2000,"y":1}\n{"a":-2.25,"b":3500,"y":0}\n{"a":0,"b":1234,"y":1}\n',
      ],
    ];
    for (const [name, text] of cases) {
      const { x, y, names } = await converted(folder, name, text);
      assert.equal(names, ["a", "b"], name);
      assert.equal(x, [1.5, 2000, -2.25, 3500, 0, 1234], name);
      assert.equal(y, [1, 0, 1], name);
    }
    const zstd = path.join(folder, "t.csv.zst");
    await runSql(`copy (select 1.5 as a, 2 as y) to '${zstd}' (header, compression zstd)`);
    await convert(zstd, { out: path.join(folder, "zstd-out") });
    assert.equal([...(await readRows(path.join(folder, "zstd-out"))).x], [1.5]);
  }),
);

test(
  "Parquet gives the same shards read in place and by DuckDB, invalid values included",
  inFolder(async (folder) => {
    const shardsOf = async (name: string, options: Partial<ConvertOptions>) => {
      const out = path.join(folder, `${name}-${Object.values(options).join("-").length}`);
      const { manifest, dropped } = await convert(path.join(folder, `${name}.parquet`), {
        ...options,
        out,
        shardRows: 70_000,
        force: true,
      });
      assert.ok(manifest.kind === "table");
      const isDirect = manifest.source.query === undefined;
      return { shards: manifest.shards, dropped, isDirect };
    };
    const rows =
      "select i * 7919 % 1000003 / 8 as a, i as b, i * 0.5 as c, i + 3 as d, -i as e, i as y";
    const all = `${rows} from range(200000) t(i)`;
    // Row groups of 100 000 rows; nulls and a number too large for float32 in the second alone.
    const cases: [name: string, values: string, as: string][] = [
      ["float", "*", "float"],
      ["double", "*", "double"],
      ["null", "* replace (case when b = 150001 then null else b end as b)", "float"],
      ["large", "* replace (case when b = 150001 then 1e300 else b end as b)", "double"],
    ];
    for (const [name, values, type] of cases) {
      const names = ["a", "b", "c", "d", "e", "y"];
      const typed = names.map((one) => `cast(${one} as ${type}) as ${one}`).join(", ");
      await runSql(
        `copy (select ${typed} from (select ${values} from (${all}))) to '${path.join(folder, `${name}.parquet`)}' (format parquet, compression uncompressed, row_group_size 100000)`,
      );
      const direct = await shardsOf(name, { invalid: "drop" });
      const byQuery = await shardsOf(name, { invalid: "drop", query: "from source" });
      assert.equal({ ...direct, isDirect: false }, byQuery, name);
      assert.is(direct.isDirect, true);
      if (values === "*") continue;
      for (const query of [undefined, "from source"]) {
        const failed = shardsOf(name, query === undefined ? {} : { query });
        await assertRejects(failed, "failed", /column b .* row 150002/i);
      }
    }
  }),
);

test(
  "a line with more or fewer fields than the header is named, and can be left out or filled in",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const out = path.join(folder, "out");
    const many = "1;2;3\n".repeat(3000);
    for (const [text, message] of [
      ["a,b,y\n1,2,3\n4,5\n6,7,8\n", /^Line 3 of .*t\.csv has 2 fields, and its header has 3;/],
      ["a,b,y\n1,2,3\n4,5,6,7\n6,7,8\n", /^Line 3 of .*t\.csv has 4 fields, and its header has 3;/],
      [`a;b;y\n${many}4;5\n${many}`, /^Line 3002 of .*t\.csv has 2 fields, and its header has 3;/],
      // The end is cut off.
      [`a;b;y\n${many}4`, /^Line 3002 of .*t\.csv has 1 field, and its header has 3;/],
    ] as const) {
      await writeFile(file, text);
      await assertRejects(convert(file, { out }), "failed", message);
    }
    const padded = await convert(file, {
      out,
      csvOption: { null_padding: "true" },
      invalid: "drop",
    });
    assert.is(padded.dropped, 1);
    const without = await convert(file, { out, csvOption: { ignore_errors: "true" }, force: true });
    assert.is(without.dropped, 0);
    assert.is((await readRows(out)).y.length, 3000);
    // A name with a comma is one.
    await writeFile(file, '"a,b"\n1\n2\n');
    await convert(file, {
      out,
      target: "a,b",
      query: 'select 1 as x, "a,b" from source',
      force: true,
    });
    assert.equal([...(await readRows(out)).y], [1, 2]);
  }),
);

test(
  "files of numbers alone are read as files with a text beside them",
  inFolder(async (folder) => {
    const dresses: [text: string, options: ConvertOptions["csvOption"]][] = [
      ["a b,it's,y\n1,2.5,true\n-3,1e3,false\n", undefined],
      ["# made by hand\na b;it's;y\n1;2.5;1\n-3;1e3;0\n", { comment: "#" }],
      ['"a b"\t"it\'s"\ty\r\n"1"\t2.5\t1\r\n-3\t1e3\t0\r\n', undefined],
      ["skipped\na b,it's,y\n1,2.5,1\n-3,1e3,0\n", { skip: "1" }],
      ["1,2.5,1\n-3,1e3,0\n", { header: "false", names: ["a b", "it's", "y"] }],
    ];
    for (const [text, csvOption] of dresses) {
      const { x, y, names } = await converted(folder, "t.csv", text, { csvOption });
      assert.equal(names, ["a b", "it's"], text);
      assert.equal(x, [1, 2.5, -3, 1000], text);
      assert.equal(y, [1, 0], text);
    }
    // Beyond the rows in which types are looked for.
    const many = "1,2\n".repeat(30_000);
    for (const [row, value] of [
      ["0.5,-7", "0.5"],
      ["1e17,-7", "1e\\+17"],
    ] as const) {
      const text = `a,y\n${many}${row}\n`;
      const query = { query: "SELECT a + 0 AS a, y FROM source" };
      for (const options of [{}, query]) {
        const rounded = converted(folder, "late.csv", text, options);
        const found = new RegExp(
          `^Column a of .*late\\.csv has ${value}, but whole numbers .* sample_size=-1`,
        );
        await assertRejects(rounded, "failed", found);
      }
      const late = await converted(folder, "late.csv", text, { csvOption: { sample_size: "-1" } });
      assert.equal([late.x.at(-1), late.y.at(-1)], [Math.fround(Number(row.split(",")[0])), -7]);
    }
    const failed = converted(folder, "late.csv", `a,y\n${many}x,3\n`);
    await assertRejects(failed, "failed", /Column a of .*late\.csv is "?x"?, not .*line 30002/);
    // Keys keep all digits.
    const keys = "k,y\n9007199254740993,1\n9007199254740992,2\n9007199254740993,3\n";
    const { names } = await converted(folder, "keys.csv", keys, { categorical: ["k"] });
    assert.equal(names.toSorted(), ["k_9007199254740992", "k_9007199254740993", "k_other"]);
  }),
);

test(
  "words for missing values are found and named, and their rows are errors or left out",
  inFolder(async (folder) => {
    const text = "a,y\n1,2\nNA,3\n,4\n5,6\n";
    const file = path.join(folder, "t.csv");
    await writeFile(file, text);
    const failed = convert(file, { out: path.join(folder, "out") });
    await assertRejects(
      failed,
      "failed",
      /^Column a of \S+t\.csv is missing or not a number in row 2 /,
    );
    const { x, warnings } = await converted(folder, "t.csv", text, { invalid: "drop" });
    assert.equal(x, [1, 5]);
    assert.match(warnings.join(" "), /"NA" is read as a missing value.*2 of 4 rows have invalid/);
    const given = await converted(folder, "x.csv", "a,y\n1,2\nx,3\n", {
      csvOption: { nullstr: ["x"] },
      impute: "zero",
    });
    assert.equal(given.x, [1, 0, 0, 1]);
    assert.equal(given.names, ["a", "a_missing"]);
    await assertRejects(
      convert(file, { csvOption: { foo: "1" }, out: path.join(folder, "out") }),
      "failed",
      /^DuckDB's CSV reader has no option "foo"; choose another csvOption\.$/,
    );
  }),
);

test(
  "what is wrong with a text file is one sentence",
  inFolder(async (folder) => {
    const cases: readonly (readonly [string | Uint8Array, RegExp])[] = [
      ["1,2\n3,4\n", /has no header line/],
      ["a,y\n5%,1\n12.5%,2\n", /Column a .* with percent signs, such as "5%"/],
      ["a,y\n$5.10,1\n$12,2\n", /Column a .* with currency signs/],
      [Buffer.from("\uFEFFa,y\n1,2\n", "utf16le").swap16(), /big-endian UTF-16.*iconv/],
      [
        `a,y\n${"1,2\n".repeat(40_000)}x,3\n`,
        /^Column a of \S+ is "x", not DOUBLE, in line 40002;/,
      ],
    ];
    const file = path.join(folder, "t.csv");
    for (const [text, says] of cases) {
      await writeFile(file, text);
      const out = path.join(folder, "out");
      const kind = /percent|currency/.test(says.source) ? "usage" : "failed";
      await assertRejects(convert(file, { out, target: "y", features: ["a"] }), kind, says);
      assert.equal(await namesIn(folder), ["t.csv"]);
    }
  }),
);

test(
  "files of one table are read by the names of their columns, in the order of the files",
  inFolder(async (folder) => {
    await mkdir(path.join(folder, "in"));
    await writeFile(path.join(folder, "in", "1.csv"), "a,y\n1,10\n2,20\n");
    await writeFile(path.join(folder, "in", "2.csv"), "y,a\n30,3\n");
    const out = path.join(folder, "out");
    await convert(path.join(folder, "in"), { out });
    const { x, y } = await readRows(out);
    assert.equal([...x], [1, 2, 3]);
    assert.equal([...y], [10, 20, 30]);
  }),
);

test(
  "the bytes do not depend on the number of threads, interrupted or not",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    const rows =
      "select i as a, i % 7 as b, case when i % 1000 = 3 then null else i / 7 end as c, i * 2 as y";
    await runSql(`copy (${rows} from range(300000) t(i)) to '${file}' (header)`);
    const options = { shardRows: 70_000, impute: "mean" } as const;
    const place = (name: string): string => path.join(folder, name);
    await convert(file, { ...options, workers: 3, out: place("whole") });
    const { connect } = DuckDBInstance.prototype;
    try {
      // The database of a conversion runs on one thread.
      DuckDBInstance.prototype.connect = async function one(this: DuckDBInstance) {
        const connection = await connect.call(this);
        await connection.run("SET threads = 1");
        return connection;
      };
      await convert(file, { ...options, workers: 1, out: place("one") });
    } finally {
      DuckDBInstance.prototype.connect = connect;
    }
    assert.is(await sumsOf(place("one")), await sumsOf(place("whole")));
    const abort = new AbortController();
    const stopped = convert(file, {
      ...options,
      out: place("out"),
      signal: abort.signal,
      onProgress: ({ phase, done }) => {
        if (phase === "converting" && done > 150_000) abort.abort();
      },
    });
    await assertRejects(stopped, "interrupted", /^Interrupted: the finished shards stay/);
    const kept = (await namesIn(place("out"))).filter((name) => name.startsWith("shard"));
    assert.equal(kept, ["shard-00000.arrow", "shard-00001.arrow"]);
    const other = convert(file, { ...options, impute: "zero", out: place("out"), resume: true });
    await assertRejects(other, "failed", /unfinished dataset of another source/);
    await convert(file, { ...options, out: place("out"), resume: true });
    assert.is(await sumsOf(place("out")), await sumsOf(place("whole")));
  }),
);

test(
  "the rows of a query become the dataset, and the manifest keeps it",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.parquet");
    await runSql(
      `copy (select i / 2 as km, case i % 3 when 0 then 'card' else 'cash' end as payment, timestamp '2024-01-01' + interval (i) hour as pickup, i - 5 as fare from range(100) t(i)) to '${file}'`,
    );
    const query =
      "SELECT km, payment = 'card' AS card, hour(pickup) AS hour, fare FROM source WHERE fare > 0;";
    const out = path.join(folder, "out");
    const { manifest } = await convert(file, { query, target: "fare", out });
    assert.ok(manifest.kind === "table");
    assert.equal(manifest.columns, { features: ["km", "card", "hour"], target: "fare" });
    assert.is(manifest.source.query, query.slice(0, -1));
    assert.equal(
      manifest.source.columns?.map(({ type }) => type),
      ["DOUBLE", "VARCHAR", "TIMESTAMP", "BIGINT"],
    );
    const { x, y } = await readRows(out);
    const kept = Array.from({ length: 94 }, (_, at) => at + 6);
    assert.equal(
      [...y],
      kept.map((row) => row - 5),
    );
    assert.equal(
      [...x],
      kept.flatMap((row) => [row / 2, row % 3 === 0 ? 1 : 0, row % 24]),
    );
    // A query that groups is on one thread, and gives the same bytes again.
    const grouped =
      "SELECT payment = 'card' AS card, avg(km) AS km, sum(fare) AS fare FROM source GROUP BY ALL";
    const place = (name: string): string => path.join(folder, name);
    await convert(file, { query: grouped, target: "fare", out: place("g1") });
    await convert(file, { query: grouped, target: "fare", out: place("g2") });
    assert.is(await sumsOf(place("g1")), await sumsOf(place("g2")));
    const wrong: readonly (readonly [string, "usage" | "failed", RegExp])[] = [
      [
        "SELECT kn, fare FROM source",
        "failed",
        /Referenced column "kn" not found.* \(line 1, at "kn, fare FROM source"\)\./,
      ],
      ["SELECT km, payment, fare FROM source", "usage", /^Column payment of The query is VARCHAR/],
      ["SELECT km, fare AS km, fare FROM source", "failed", /^The query has two columns km;/],
      ["SELECT 1; SELECT 2", "failed", /multiple statements/],
      ["DROP VIEW source", "usage", /must be one SELECT/],
      [
        `SELECT 1 AS km, 2 AS fare FROM read_csv('${folder}/other.csv')`,
        "failed",
        /Cannot access file/,
      ],
    ];
    for (const [text, kind, says] of wrong) {
      // DuckDB's own words may have several lines.
      const error = await convert(file, { query: text, target: "fare", out: place("no") }).catch(
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof VadiError && error.kind === kind, text);
      assert.match(error.message, says);
    }
    assert.ok(!(await namesIn(folder)).includes("no"));
  }),
);

test(
  "Arrow files, with strings, dates and gaps, go through the same query as Parquet",
  inFolder(async (folder) => {
    const count = 5000;
    const of = <Value>(value: (row: number) => Value): Value[] =>
      Array.from({ length: count }, (_, row) => value(row));
    const vectors = {
      km: arrow.vectorFromArray(
        of((row) => (row % 50 === 3 ? null : row / 2)),
        new arrow.Float64(),
      ),
      payment: arrow.vectorFromArray(of((row) => ["card", "cash", "app"][row % 3])),
      big: arrow.vectorFromArray(
        of((row) => BigInt(row)),
        new arrow.Int64(),
      ),
      new: arrow.vectorFromArray(
        of((row) => row % 2 === 0),
        new arrow.Bool(),
      ),
      pickup: arrow.vectorFromArray(
        of((row) => Date.UTC(2024, 0, 1) + row * 3_600_000),
        new arrow.TimestampMillisecond(),
      ),
      fare: arrow.vectorFromArray(
        of((row) => row * 1.5),
        new arrow.Float32(),
      ),
    };
    const options = {
      query: "SELECT * EXCLUDE (big), big * 2 AS twice FROM source WHERE fare > 10",
      target: "fare",
      impute: "mean",
      categorical: ["payment"],
      dates: ["pickup"],
    } as const;
    const place = (name: string): string => path.join(folder, name);
    // Two files of one table.
    await mkdir(place("in"));
    const table = new arrow.Table(vectors);
    await writeFile(place("in/1.arrow"), arrow.tableToIPC(table.slice(0, 3000), "file"));
    await writeFile(place("in/2.arrow"), arrow.tableToIPC(table.slice(3000), "stream"));
    await runSql(
      `copy (select case when i % 50 = 3 then null else i / 2 end as km, ['card', 'cash', 'app'][i % 3 + 1] as payment, i as big, i % 2 = 0 as new, timestamp '2024-01-01' + interval (i) hour as pickup, (i * 1.5)::float as fare from range(${count}) t(i)) to '${place("t.parquet")}'`,
    );
    await convert(place("in"), { ...options, out: place("arrow") });
    const { manifest } = await convert(place("t.parquet"), { ...options, out: place("parquet") });
    assert.equal(manifest.rows, 4993);
    assert.equal(await readRows(place("arrow")), await readRows(place("parquet")));
  }),
);

test(
  "a table of a DuckDB database is named behind its file",
  inFolder(async (folder) => {
    const file = path.join(folder, "shop.duckdb");
    await runSql(
      `attach '${file}' as shop`,
      "create table shop.sales as select i as a, i * 2 as y from range(10) t(i)",
      "create table shop.other as select 1 as a",
      "detach shop",
      "select 1",
    );
    const out = path.join(folder, "out");
    await convert(`${file}#sales`, { out });
    assert.equal([...(await readRows(out)).y], [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    const no = path.join(folder, "no");
    await assertRejects(
      convert(file, { out: no }),
      "usage",
      /Name the table .*: it has other, sales/,
    );
    await assertRejects(convert(`${file}#no`, { out: no }), "usage", /has no table no: it has/);
  }),
);

test(
  "a table that is no dataset yet says which conversion to run",
  inFolder(async (folder) => {
    const file = path.join(folder, "t.csv");
    await writeFile(file, "a,y\n1,2\n");
    await assertRejects(openDataset(file), "failed", /is CSV, .* run vadi convert \S+t\.csv/);
    const dataset = path.join(folder, "out");
    await convert(file, { out: dataset });
    const again = convert(dataset, { out: path.join(folder, "two"), impute: "mean" });
    await assertRejects(again, "usage", /^impute is for tables of other programs/);
    assert.match(await readFile(path.join(dataset, "manifest.json"), "utf8"), /"query": "SELECT/);
    const plan = await planConversion(file, { log: ["a"] });
    assert.is(
      plan.query,
      'SELECT\n  CASE WHEN "a" > -1 THEN ln(1 + "a") END AS "log_a",\n  "y"\nFROM source',
    );
  }),
);

test.run();
