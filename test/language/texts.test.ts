import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, test } from "../helpers/test.js";
import { ENGLISH } from "../helpers/visible-text.js";
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

/** The texts of a language by name; of a function, what it holds between quotation marks. */
function wordsOf(value: unknown, name = "texts"): [name: string, words: string][] {
  if (typeof value === "string") return [[name, value]];
  if (typeof value !== "function")
    return Object.entries(value as object).flatMap(([key, one]) => wordsOf(one, `${name}.${key}`));
  let source = String(value);
  // What stands in `${…}` is code, but for the quotations in it.
  const quotations: string[] = [];
  const take = (text: string): string => {
    quotations.push(text.slice(1, -1));
    return " ";
  };
  for (let before = ""; before !== source;) {
    before = source;
    source = source.replaceAll(/"(?:[^"\\]|\\.)*"/g, take);
    source = source.replaceAll(/\$\{[^{}`"]*\}/g, " ");
    source = source.replaceAll(/`(?:(?!\$\{)[^`])*`/g, take);
  }
  return [[name, quotations.join(" ")]];
}

test("nothing is left in English", () => {
  const words = new Map(wordsOf(languageOf("en").texts));
  assert.match(words.get("texts.claims.ownFloors") ?? "", "the lowest points of");
  const left = wordsOf(languageOf("tr").texts).filter(
    ([name, text]) =>
      ENGLISH.test(text) || (words.get(name) === text && /\p{L}{4}/u.test(text) && !SAME.has(text)),
  );
  assert.equal(left, []);
});

/** Texts that are the same in both languages. */
const SAME: ReadonlySet<string> = new Set([
  "RMSProp",
  "Adam",
  "model",
  "momentum (µ)",
  "SIMD",
  "Gauss–Newton",
]);

test.run();
