// Text for Plotly.

/** Escapes text. Plotly interprets tags, entities and templates in every text, also in names from files. */
export function plain(text: string): string {
  return text.replace(/[&<>%${}]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Breaks a title into lines of at most `most` letters; only a longer word exceeds them. */
function linesOf(words: readonly string[], most: number): string[] {
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= most) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Breaks a title into as few lines as fit a width, all about equally long. */
export function wrapped(title: string, pixels: number): string {
  const words = title.split(/\s+/);
  let most = Math.max(12, Math.floor(pixels / 7));
  let lines = linesOf(words, most);
  for (;;) {
    const narrower = linesOf(words, --most);
    if (most < 1 || narrower.length > lines.length) break;
    lines = narrower;
  }
  return lines.map(plain).join("<br>");
}
