import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";
import { LANGUAGE_CODES, languageOf, type Texts } from "../../src/language/index.js";

/*
 * Texts are used as `texts.GROUP.NAME`, or `script.NAME` in the page's script. A text that a language lacks does not
 * compile; these tests find the rest.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));

const code = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => file.split(path.sep).join("/"))
  .filter((file) => file.endsWith(".ts") && !/^language\/[a-z]+\//.test(file))
  .map((file) => readFileSync(path.join(root, "src", file), "utf8"))
  .join("\n");

const english = Object.entries(languageOf("en").texts).flatMap(([group, texts]) =>
  Object.keys(texts).map((name) => `${group}.${name}`),
);

/** Every text or record of texts of a language, by its name. */
function namesOf(texts: Texts): string[] {
  const names = (value: unknown, name: string): string[] =>
    typeof value === "object" && value !== null && !name.endsWith(".plotly")
      ? Object.entries(value).flatMap(([key, one]) => names(one, `${name}.${key}`))
      : [name];
  return names(texts, "texts").toSorted();
}

test("every text is used", () => {
  assert.ok(english.length > 40);
  const unused = english.filter(
    (name) => !new RegExp(String.raw`\b${name.replace(".", String.raw`\.`)}\b`).test(code),
  );
  assert.equal(unused, []);
});

test("every text that is used is there", () => {
  const groups = Object.keys(languageOf("en").texts).join("|");
  const used = [...code.matchAll(new RegExp(String.raw`\btexts\.((?:${groups})\.\w+)`, "g"))];
  assert.ok(used.length > 20);
  assert.equal(
    used.map(([, name = ""]) => name).filter((name) => !english.includes(name)),
    [],
  );
});

test("the languages have the same texts", () => {
  const names = namesOf(languageOf("en").texts);
  for (const one of LANGUAGE_CODES) assert.equal(namesOf(languageOf(one).texts), names, one);
});

test("nothing is left in English", () => {
  const textOf = (value: unknown, name: string): [string, string][] =>
    typeof value === "string"
      ? [[name, value]]
      : typeof value === "function"
        ? [[name, String(value).replaceAll(/\$\{[^}]*\}|\/\*.*?\*\//g, " ")]]
        : Object.entries(value as object).flatMap(([key, one]) => textOf(one, `${name}.${key}`));
  const inEnglish = new Map(textOf(languageOf("en").texts, "texts"));
  // Words of English alone, and texts of more than a few letters that are the same.
  const words = /\b(?:the|of|and|with|loss|step|batch|weights|this|is|are|from)\b/i;
  const left = textOf(languageOf("tr").texts, "texts").filter(
    ([name, text]) =>
      !name.includes(".plotly.") &&
      (inEnglish.get(name) === text
        ? /[a-z]{4}/i.test(text) && !SAME.has(text)
        : typeof text === "string" && /["`]/.test(text) === false && words.test(text)),
  );
  assert.equal(left, []);
});

/** Texts that are the same in both languages. */
const SAME: ReadonlySet<string> = new Set(["RMSProp", "Adam"]);

test.run();
