import { createHash } from "node:crypto";
import { assert, test } from "../../helpers/test.js";
import type { ReportSection } from "../../../src/report/index.js";
import { renderReport } from "../../../src/report/index.js";
import { linkTo } from "../../../src/report/page/links.js";
import { exampleSections, hostile } from "../example.js";

function withoutScripts(html: string): string {
  return html.replace(/<script[^>]*>[\s\S]*?<\/script>/g, "");
}

test("the policy names the hash of each script in the file, and allows nothing else", () => {
  const html = renderReport({ title: "A report", sections: exampleSections() });
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
  assert.match(policy, "default-src 'none'");
  assert.not.match(policy, /script-src[^;]*unsafe/);
  assert.not.match(policy, "http");
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    (match) => match[1] ?? "",
  );
  assert.is(scripts.length, 2);
  for (const script of scripts) {
    const hash = createHash("sha256").update(script).digest("base64");
    assert.match(policy, `'sha256-${hash}'`);
  }
  assert.not.match(withoutScripts(html), /\b(?:src|href)="(?!#)/);
});

test("besides plotly.js the file's code and style are small", () => {
  const html = renderReport({ title: "A report", sections: [] });
  assert.ok(html.length < 4_834_409 + 1_000_000);
  const [, own = ""] = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
  assert.ok(own.length < 100_000);
  assert.not.match(own, /^(?:import|export) /m);
});

test("nothing from outside reaches the page as markup", () => {
  const sections: ReportSection[] = [
    {
      id: "a",
      title: hostile,
      text: hostile,
      notice: hostile,
      part: hostile,
      command: hostile,
      blocks: [
        {
          kind: "table",
          id: "t",
          title: hostile,
          caption: hostile,
          columns: [hostile, hostile],
          rows: [[hostile, hostile]],
        },
        {
          kind: "lines",
          id: "f",
          title: hostile,
          caption: hostile,
          x: { title: hostile },
          y: { title: hostile },
          series: [{ name: hostile, x: [1, 2], y: [NaN, 2] }],
          bands: [{ name: hostile, x: [1], low: [1], high: [1] }],
        },
      ],
    },
  ];
  const html = renderReport({ title: hostile, subtitle: hostile, command: hostile, sections });
  assert.not.match(html, "<img");
  assert.not.match(withoutScripts(html), "onerror=alert(1)>");
  assert.is(
    html.match(/<\/script/g)?.length,
    5,
    "numbers, figures, scrubbers, plotly.js and the page's script",
  );
});

test("a figure links to its data beside the report, whatever the file is called", () => {
  const [training] = exampleSections();
  const figure = training?.blocks[0];
  assert.ok(training && figure?.kind === "lines");
  const file = `/work/run/java:${hostile.replaceAll("/", "")}.parquet`;
  const data = [{ file, what: hostile }];
  const sections = [{ ...training, blocks: [{ ...figure, data }] }];
  const html = renderReport({ title: "Linked", sections }, "/work/reports");
  assert.match(html, /href="\.\.?\/[^"<>]*parquet"/);
  assert.not.match(html, "<img");
  assert.is(linkTo("/work/run/slices.parquet", "/work/reports"), "./../run/slices.parquet");
  assert.is(linkTo("/work/javascript:alert(1)", "/work"), "./javascript%3Aalert(1)");
});

test("numbers past ten megabytes are thinned, and the page says so and where all are", () => {
  const x = Float64Array.from({ length: 1000 }, (_, index) => index / 1000);
  const many = Array.from({ length: 1500 }, (_, batch) => ({
    name: `batch ${batch}`,
    role: "batch" as const,
    x,
    y: x.map((at) => at * at + Math.sin(batch) * 1e-3),
  }));
  const sections: ReportSection[] = [
    {
      id: "s",
      title: "Many",
      blocks: [
        {
          kind: "lines",
          id: "many",
          title: "Many",
          caption: "Look.",
          x: { title: "α" },
          y: { title: "loss" },
          series: many,
          data: [{ file: "/data/slices.parquet", what: "all" }],
        },
      ],
    },
  ];
  const html = renderReport({ title: "Many", sections });
  const numbers = /id="numbers">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  assert.ok(numbers.length < 10_100_000, `${numbers.length} characters`);
  assert.ok(numbers.length > 9_000_000, "as much as fits");
  const kept = /it has ([\d\u202f]+) of the 1\u202f500 curves/.exec(html)?.[1];
  assert.ok(Number(kept?.replaceAll("\u202f", "")) > 800);
  assert.match(html, "all are in slices.parquet");
});

test("ids that occur twice are told apart", () => {
  const [training] = exampleSections();
  assert.ok(training);
  const html = renderReport({ title: "Twice", sections: [training, training] });
  const ids = [...withoutScripts(html).matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  assert.is(new Set(ids).size, ids.length);
  assert.match(html, 'data-figure="curve"');
  assert.match(html, 'data-figure="curve-2"');
});

/** A section with a figure, which is shown on the first level. */
function section(id: string, part?: string): ReportSection {
  const figure = exampleSections()[0]!.blocks[0]!;
  return { id, title: `Section ${id}`, blocks: [figure], ...(part !== undefined && { part }) };
}

test("there is a table of contents for more than one section, by their short names", () => {
  assert.not.match(renderReport({ title: "One", sections: [section("a")] }), "<nav");
  const named = { ...section("b", "A part"), name: "Short" };
  const folded = { ...section("c"), blocks: [] };
  const alone = section("e", "Another part");
  const sections = [section("a"), named, section("d", "A part"), alone, folded];
  const html = renderReport({ title: "Two", sections });
  assert.match(html, /<nav[\s\S]*href="#b">Short<[\s\S]*<\/nav>/);
  assert.match(html, 'href="#e">Another part<');
  assert.not.match(html, 'href="#c"');
  assert.match(html, '<h2 class="part">A part</h2>');
});

test("a section shows its claim and figures; tables, files and the command are folded", () => {
  const [training] = exampleSections();
  const html = withoutScripts(renderReport({ title: "Folded", sections: [training!] }));
  const [, shown = "", folded = ""] =
    /<section id="training"([\s\S]*?)<details([\s\S]*?)<\/details>/.exec(html) ?? [];
  assert.match(shown, 'data-figure="curve"');
  assert.not.match(shown, "<table");
  for (const inside of ['id="weights"', "--out run", "How the loss fell."])
    assert.match(folded, inside);
  const facts = { ...training!, blocks: training!.blocks.filter(({ kind }) => kind === "table") };
  const open = withoutScripts(renderReport({ title: "Tables", sections: [facts] }));
  assert.not.match(/<section id="training"[\s\S]*?<table/.exec(open)?.[0] ?? "", "<details");
});

test("the same document gives the same bytes", () => {
  const once = renderReport({ title: "Same", sections: exampleSections() });
  assert.is(renderReport({ title: "Same", sections: exampleSections() }), once);
});

test.run();
