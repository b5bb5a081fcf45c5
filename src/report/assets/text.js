// Text on its way into Plotly.

/** Plotly reads tags, entities and templates in every text: names from files must not become any. */
export function plain(text) {
  return String(text).replace(/[&<>%${}]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Breaks a title into lines that fit so many pixels. */
export function wrapped(title, pixels) {
  const most = Math.max(12, Math.floor(pixels / 7));
  const lines = [""];
  for (const word of String(title).split(/\s+/)) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= most) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map(plain).join("<br>");
}
