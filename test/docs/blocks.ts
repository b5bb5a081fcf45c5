/*
 * The fenced blocks of the pages. Comments before a block, or anywhere on the page, say how tests run it (run-page.ts);
 * readers do not see them.
 */

/** A fenced block of a page. */
export interface Block {
  /** What stands after the opening fence, such as `sh`; empty for none. */
  language: string;
  text: string;
  /** What the comments directly before it say: `needs` → `safetensors`. */
  marks: ReadonlyMap<string, string>;
}

/** All fenced blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  const pattern = /((?:^<!-- .+ -->\n+)*)^```(\w*)\n([\s\S]*?)^```$/gm;
  return [...page.matchAll(pattern)].map(([, comments = "", language = "", text = ""]) => {
    const found = comments.matchAll(/^<!-- ([\w ]+?)(?:: (.+))? -->$/gm);
    const marks = new Map([...found].map(([, name = "", value = ""]) => [name, value]));
    return { language, text, marks };
  });
}

/** What a page's comments of one name say: `<!-- NAME: VALUE -->`. */
export function commentsOf(page: string, name: string): string[] {
  const pattern = new RegExp(`^<!-- ${name}: (.+) -->$`, "gm");
  return [...page.matchAll(pattern)].map(([, value = ""]) => value);
}
