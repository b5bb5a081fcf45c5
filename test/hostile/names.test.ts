import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  convert,
  createDataset,
  curvature,
  landscape,
  openCurvature,
  openDataset,
  openLandscape,
  openRun,
  report,
  train,
  verifyDataset,
  watch,
  writeDataset,
} from "../../src/index.js";
import { vadi } from "../cli/vadi.js";
import { assert, test } from "../helpers/test.js";
import { withoutChecksums } from "../helpers/without-checksums.js";

/*
 * Names that JavaScript's objects have already, and names with markup or with characters that steer a terminal.
 */

const folder = await mkdtemp(path.join(tmpdir(), "vadi-test-"));
test.after(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

const MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
const TERMINAL = "\u001b]0;title\u0007";
const NAMES = ["__proto__", "constructor", "toString", MARKUP, TERMINAL];
const ROWS = 80;

const csv = [
  [...NAMES, "y"].map((name) => `"${name}"`).join(","),
  ...Array.from({ length: ROWS }, (_, row) => [row, row % 3, row % 5, row % 7, row % 2, 2 * row]),
].join("\n");
await writeFile(at("rows.csv"), `${csv}\n`);
await convert(at("rows.csv"), { out: at("data"), target: "y" });
const data = await openDataset(at("data"));
const run = await train(data, {
  out: at("run"),
  model: "mlp:3",
  batchSize: 20,
  validation: 0.2,
  standardize: true,
});

/** The page without what is in its scripts, which are data that a parser does not look into. */
function outsideScripts(html: string): string {
  return html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, "");
}

function checkPage(html: string): void {
  const outside = outsideScripts(html);
  assert.not.match(outside, /<img|<script|<\/script/i);
  // Every script is one of the page's own: none was opened by a name.
  assert.not.match(html, "<script>alert");
}

test("columns that are called as properties of every object are columns", async () => {
  assert.equal([...data.featureNames], NAMES);
  for await (const record of data.records()) {
    assert.equal(Object.keys(record).toSorted(), [...NAMES, "y"].toSorted());
    assert.is(Object.getPrototypeOf(record), Object.prototype);
    break;
  }
  const { features } = await data.statistics();
  assert.equal(
    features.map(({ name, maximum }) => [name, maximum]),
    NAMES.map((name, column) => [name, [ROWS - 1, 2, 4, 6, 1][column]]),
  );
  const rows = [1, 2].map((value) =>
    JSON.parse(`{"__proto__": ${value}, "constructor": 3, "y": 4}`),
  );
  const made = await createDataset(rows, { out: at("made"), target: "y" });
  assert.equal([...made.featureNames], ["__proto__", "constructor"]);
  assert.equal([...(await made.head(2)).x], [1, 3, 2, 3]);
});

test("no JSON that is read changes what every object has", async () => {
  await writeDataset({ kind: "lsm", rows: 30, features: 2, out: at("lsm") });
  await landscape(run, { points: 3, batches: 1, out: at("landscape") });
  await curvature(run, { out: at("curvature") });
  for (const key of ["__proto__", "constructor"]) {
    for (const [name, file, open] of [
      ["lsm", "manifest.json", openDataset],
      ["lsm", "manifest.json", verifyDataset],
      ["run", "run.json", openRun],
      ["run", "model/model.json", async (dir: string) => (await openRun(dir)).network()],
      ["landscape", "landscape.json", openLandscape],
      ["curvature", "curvature.json", openCurvature],
    ] as const) {
      const copy = at("copy");
      await rm(copy, { recursive: true, force: true });
      await cp(at(name), copy, { recursive: true });
      const text = await readFile(path.join(copy, file), "utf8");
      // In every object of the document.
      const polluted = text.replaceAll(
        "{",
        `{"${key}": {"polluted": true, "prototype": {"polluted": true}},`,
      );
      if (name !== "lsm") await withoutChecksums(copy);
      await writeFile(path.join(copy, file), polluted.replaceAll(",}", "}"));
      await open(copy).catch((error: Error) => assert.not.match(error.message, /\n/));
      assert.is(({} as { polluted?: boolean }).polluted, undefined, `${file} ${key}`);
      assert.is((Object as { polluted?: boolean }).polluted, undefined);
    }
  }
});

test("markup in names and options is text in a report, under a policy that forbids scripts of others", async () => {
  await landscape(run, {
    points: 3,
    batches: 1,
    out: at("run", "landscapes", MARKUP.replaceAll("/", "")),
  });
  // What a stranger writes into a record.
  const text = await readFile(at("run", "run.json"), "utf8");
  const record = JSON.parse(text);
  record.command = MARKUP;
  record.warnings = [MARKUP];
  record.backend = MARKUP;
  record.dataset.path = `/${MARKUP}`;
  // A table of texts has no entry of that name, but every object has.
  record.dataset.kind = "__proto__";
  await cp(at("run"), at("strange"), { recursive: true });
  await withoutChecksums(at("strange"));
  await writeFile(at("strange", "run.json"), JSON.stringify(record));
  const out = at("report.html");
  await report([at("run"), at("strange")], { out, title: MARKUP, subtitle: MARKUP });
  const html = await readFile(out, "utf8");
  checkPage(html);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
  assert.match(policy, "default-src 'none'");
  assert.match(policy, /script-src 'sha256-[^;]*;/);
  assert.not.match(policy, /script-src[^;]*(unsafe|http|\*)/);
});

test("markup in names and options is text on the watch page", async () => {
  const watching = await watch(at("strange"), { slices: false });
  try {
    const page = await fetch(watching.url);
    assert.match(
      page.headers.get("content-security-policy") ?? "",
      /default-src 'none'; script-src 'self'/,
    );
    const html = await page.text();
    assert.not.match(html, /<img|alert\(1\)<\/script>|<script>/);
    // The page puts what it is sent into text nodes; see test/report/watch.
    assert.is(html.match(/<script/g)?.length, html.match(/<script src="/g)?.length);
  } finally {
    await watching.close();
  }
});

test("names cannot steer the terminal", async () => {
  for (const words of [
    ["inspect", at("data"), "--statistics"],
    ["inspect", at("rows.csv"), "--target", `no${TERMINAL}`],
    ["convert", at("rows.csv"), "--target", "y", "--out", at("again"), "--dry-run"],
    ["train", at("data"), "--out", at("twice"), "--model", `mlp:${TERMINAL}`],
  ]) {
    const { stdout, stderr } = await vadi(words);
    // oxlint-disable-next-line no-control-regex
    assert.not.match(`${stdout}${stderr}`, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});

test.run();
