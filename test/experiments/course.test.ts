import { existsSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assert, test } from "../helpers/test.js";
import { inFolder } from "../helpers/folder.js";
import { runCourse, VadiError } from "../../src/index.js";
import { lessonNames } from "../../src/experiments/lessons/index.js";
import { languageOf } from "../../src/language/index.js";
import { vadi } from "../cli/vadi.js";

/** Options with which all lessons together take seconds. */
const OVERRIDES = { rows: 1000, epochs: 1, batchSize: 500, batches: 2 };
const WORDS = "--quick --rows 1000 --epochs 1 --batch-size 500 --batches 2 --out course".split(" ");

/** The files that a page links to. */
async function linksOf(page: string): Promise<string[]> {
  const html = await readFile(page, "utf8");
  return [...html.matchAll(/<a [^>]*?href="(\.[^"]+)"/g)].map(([, link = ""]) =>
    fileURLToPath(new URL(link, pathToFileURL(page))),
  );
}

async function messageOf(options: Parameters<typeof runCourse>[0]): Promise<string> {
  try {
    await runCourse(options);
  } catch (error) {
    assert.instance(error, VadiError);
    return (error as VadiError).message;
  }
  return "nothing was thrown";
}

const modified = (file: string): number => statSync(file).mtimeMs;

test(
  "killed in the middle, it resumes with the lessons that are complete; all links lead somewhere",
  inFolder(async (folder) => {
    const course = path.join(folder, "course");
    const killed = await vadi(["experiment", "all", ...WORDS], {
      cwd: folder,
      onStart: (child) =>
        child.stderr?.on("data", (text: Buffer) => {
          if (String(text).includes("Lesson 6 of 19")) child.kill("SIGKILL");
        }),
    });
    assert.is(killed.signal, "SIGKILL");
    assert.not.ok(existsSync(path.join(course, "index.html")));
    const report = (name: string): string => path.join(course, name, "report.html");
    const before = lessonNames.slice(0, 5).map((name) => modified(report(name)));

    const { code, stdout, stderr } = await vadi(
      ["experiment", "all", ...WORDS, "--resume", "--json"],
      { cwd: folder },
    );
    assert.is(code, 0, stderr);
    const document = JSON.parse(stdout) as {
      lessons: { name: string; report: string; seconds: number }[];
    };
    assert.equal(
      document.lessons.map((lesson) => [lesson.name, lesson.report]),
      lessonNames.map((name) => [name, report(name)]),
    );
    assert.ok(document.lessons.every(({ seconds }) => seconds > 0));
    assert.equal(
      lessonNames.slice(0, 5).map((name) => modified(report(name))),
      before,
    );
    assert.match(stderr, "Lesson 5 of 19, paraboloid: kept");

    const index = path.join(course, "index.html");
    assert.equal(await linksOf(index), lessonNames.map(report));
    const html = await readFile(index, "utf8");
    assert.is(html.match(/<svg class="thumbnail"/g)?.length, lessonNames.length);
    assert.not.match(html, /NaN|Infinity|undefined|<script|https?:/);
    assert.not.ok(html.includes(folder), "no path of this machine");
    for (const [at, name] of lessonNames.entries()) {
      const links = await linksOf(report(name));
      const neighbours = [lessonNames[at - 1], lessonNames[at + 1]].flatMap((one) =>
        one === undefined ? [] : [report(one)],
      );
      assert.equal(
        links.filter((link) => !link.startsWith(path.join(course, name) + path.sep)),
        [index, ...neighbours],
        name,
      );
      assert.not.ok((await readFile(report(name), "utf8")).includes(folder), name);
    }
  }),
);

test(
  "in Turkish; a lesson whose options differ is made again, and no other",
  inFolder(async (out) => {
    const notes: string[] = [];
    const options = {
      out,
      quick: true,
      overrides: OVERRIDES,
      language: "tr",
      onNote: (note: string) => void notes.push(note),
    } as const;
    const { index } = await runCourse(options);
    const { course } = languageOf("tr").texts;
    const html = await readFile(index, "utf8");
    assert.match(html, '<html lang="tr">');
    for (const text of [course.title, course.lessons.walk.title, course.parts.network])
      assert.ok(html.includes(text), text);
    const lesson = await readFile(path.join(out, "lsm-data", "report.html"), "utf8");
    for (const text of [course.method, course.look, course.tries, "Ders 1 / 19", "1.000"])
      assert.ok(lesson.includes(text), text);

    await rm(path.join(out, "walk", "report.html"));
    const results = path.join(out, "lsm-data", "results.json");
    const text = await readFile(results, "utf8");
    await writeFile(results, text.replace('"rows": 1000', '"rows": 999'));
    notes.length = 0;
    await runCourse({ ...options, resume: true });
    assert.equal(
      notes.filter((note) => /^Lesson \d+ of 19, [a-z-]+\.$/.test(note)),
      ["Lesson 1 of 19, lsm-data.", "Lesson 6 of 19, walk."],
    );
  }),
);

test(
  "refuses an option that no lesson has, and a folder of something else",
  inFolder(async (out) => {
    assert.match(
      await messageOf({ out, overrides: { colour: "red" } }),
      "colour is not an option of any experiment",
    );
    await writeFile(path.join(out, "thesis.txt"), "years of work");
    assert.match(await messageOf({ out }), "is not empty");
    assert.not.ok(existsSync(path.join(out, ".course")));
  }),
);

test.run();
