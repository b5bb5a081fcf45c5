/*
 * What a reader of a report sees.
 */

const HIDDEN = /<(script|style|code|pre|math)\b[^>]*>[^]*?<\/\1>/g;

/** The pieces of text of a page: of its elements, and of its charts. Code, formulas and paths are left out. */
export function visibleTexts(html: string): string[] {
  const [, charts = "[]"] =
    /<script type="application\/json" id="figures">([^]*?)<\/script>/.exec(html) ?? [];
  const elements = html
    .replaceAll(HIDDEN, " ")
    .replaceAll(/<[^>]+>/g, "\n")
    .split("\n");
  return [...elements, ...textsOf(JSON.parse(charts))]
    .map((text) => text.trim())
    .filter((text) => /\p{L}{2}/u.test(text) && !/^(?:--\S+|\S+\/\S*)$/.test(text));
}

const SHOWN = new Set(["title", "name", "symbol"]);

/** The texts of charts: titles, names of series and axes. */
function textsOf(value: unknown, key = ""): string[] {
  if (typeof value === "string") return SHOWN.has(key) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    textsOf(one, Array.isArray(value) ? key : name),
  );
}

/** Words of English alone, in a text that should be in another language. */
export const ENGLISH: RegExp =
  /\b(?:the|of|and|with|loss|step|weights|this|is|are|from|batches|rows|value|yes|no|by|seed)\b/i;
