import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { assert, skip, test } from "../../helpers/test.js";
import { landscape } from "../../../src/landscape/index.js";
import { report, type ReportFormat } from "../../../src/report/index.js";
import { toCsv } from "../../../src/report/formats/tables.js";
import { writeDataset } from "../../../src/storage/index.js";
import { openDataset } from "../../../src/stream/index.js";
import { train } from "../../../src/train/index.js";
import { isPlatformServed, noBrowser, unpack } from "../../helpers/browser.js";
import { messageOf } from "../../helpers/message-of.js";

const folder = await mkdtemp(path.join(tmpdir(), "vadi-formats-"));
const at = (...names: string[]): string => path.join(folder, ...names);

await writeDataset({ kind: "lsm", out: at("data"), rows: 2000, features: 3, workers: 1 });
const run = await train(await openDataset(at("data")), {
  model: "linear",
  batchSize: 100,
  out: at("run"),
});
const slices = await landscape(run, { points: 5, batches: 2 });
const [first] = await slices.curves();

function make(format: ReportFormat, name: string = format): Promise<string> {
  return report([slices.dir], { out: at(name), format });
}

async function fileOf(dir: string, word: string): Promise<string> {
  const name = (await readdir(dir)).find((one) => one.includes(word));
  assert.ok(name, word);
  return path.join(dir, name);
}

test("json holds every number of every figure", async () => {
  const document = JSON.parse(await readFile(await make("json"), "utf8")) as {
    sections: { blocks: { id: string; series: { name: string; y: number[] }[] }[] }[];
  };
  const figure = document.sections[0]?.blocks.find(({ id }) => id === "slices");
  assert.equal(figure?.series.find(({ name }) => name === "batch 0")?.y, [
    ...(first?.losses ?? []),
  ]);
  await make("json");
});

test("csv and parquet hold a file a figure or table, which DuckDB reads to the same numbers", async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  for (const format of ["csv", "parquet"] as const) {
    const dir = await make(format);
    const file = await fileOf(dir, "slices");
    const rows = await connection.runAndReadAll(
      `select y from '${file}' where series = 'batch 0' and role = 'batch' order by x`,
    );
    assert.equal(
      rows.getRows().map(([y]) => y),
      [...(first?.losses ?? [])],
      format,
    );
    await make(format);
    const listed = JSON.parse(await readFile(path.join(dir, "report.json"), "utf8")) as {
      files: { file: string }[];
    };
    const names = listed.files.map(({ file: name }) => name);
    assert.equal((await readdir(dir)).toSorted(), [...names, "report.json"].toSorted());
  }
  connection.closeSync();
});

test("a cell of text is never a formula, and is quoted where it must be", () => {
  const values = [
    ["=1+1", 'a "b", c', "-x"],
    [1, -2, NaN],
  ];
  const text = toCsv({ names: ["name", "value"], values });
  assert.is(text, `name,value\r\n'=1+1,1\r\n"a ""b"", c",-2\r\n'-x,NaN\r\n`);
});

test("what is no report is not written into", async () => {
  await mkdir(at("mine"));
  await writeFile(at("mine", "letter.txt"), "dear");
  assert.match(await messageOf(make("csv", "mine")), "not empty and not a report of vadi");
  assert.equal(await readdir(at("mine")), ["letter.txt"]);
  await writeFile(at("mine.json"), "{}");
  assert.match(await messageOf(make("json", "mine.json")), "not a report of vadi");
  assert.match(
    await messageOf(make("doc" as ReportFormat, "x")),
    'format must be html, json, csv, parquet, png or svg, not "doc"',
  );
});

test("one figure can be written alone, and a name that is not there is answered by those that are", async () => {
  const made = await report([slices.dir], { out: at("one"), format: "csv", figure: "slices" });
  assert.equal((await readdir(made)).toSorted(), ["1-slices.csv", "report.json"]);
  const wrong = report([slices.dir], { out: at("none"), format: "csv", figure: "slice" });
  assert.match(await messageOf(wrong), /figure slice is not in this report, which has slices, /);
  const html = report([slices.dir], { out: at("none.html"), figure: "slices" });
  assert.match(await messageOf(html), "figure goes with format png, svg, csv or parquet, not html");
});

test("images are drawn by a browser, and where there is none a sentence says so", async () => {
  const before = process.env["VADI_BROWSER"];
  try {
    process.env["VADI_BROWSER"] = at("no-browser");
    assert.match(await messageOf(make("png")), "VADI_BROWSER names could not be started");
    if (!isPlatformServed()) skip(noBrowser);
    process.env["VADI_BROWSER"] = await unpack(folder);
    const svg = await readFile(await fileOf(await make("svg"), "slices"), "utf8");
    assert.match(svg, /^<svg[^>]*>[\s\S]*multiples of the direction[\s\S]*<\/svg>$/);
    const png = await readFile(await fileOf(await make("png"), "slices"));
    assert.is(png.subarray(1, 4).toString(), "PNG");
    assert.ok(png.readUInt32BE(16) > 1500, "wide enough for print");
    const slide = { format: "png", figure: "slices", size: [640, 360], theme: "dark" } as const;
    const made = await report([slices.dir], { out: at("slide"), ...slide });
    assert.equal((await readdir(made)).toSorted(), ["1-slices.png", "report.json"]);
    const image = await readFile(path.join(made, "1-slices.png"));
    assert.equal([image.readUInt32BE(16), image.readUInt32BE(20)], [1280, 720]);
    const command = (
      JSON.parse(await readFile(path.join(made, "report.json"), "utf8")) as { command: string }
    ).command;
    assert.match(command, "--format png --figure slices --size 640x360 --theme dark --out .");
    const vector = await report([slices.dir], { out: at("vector"), ...slide, format: "svg" });
    assert.match(
      await readFile(path.join(vector, "1-slices.svg"), "utf8"),
      /<svg[^>]*width="640" height="360"/,
    );
  } finally {
    if (before === undefined) delete process.env["VADI_BROWSER"];
    else process.env["VADI_BROWSER"] = before;
  }
});

test.after(() => rm(folder, { recursive: true, force: true }));
test.run();
