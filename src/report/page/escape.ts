const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for use between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** JSON for a `<script type="application/json">`: nothing in it can end the element or open a comment. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** Escapes sentences and names, and keeps the line from breaking beside `=` and `−`. */
export function prose(text: string): string {
  return escapeHtml(text).replace(/ ([=−]) /g, "\u00a0$1\u00a0");
}

/** A command line that breaks before an option, not within it and not before its value. */
export function commandHtml(command: string): string {
  const parts = command
    .split(/ (?=--)/)
    .flatMap((part, index) => (index === 0 ? part.split(" ") : part));
  return `<pre><code>${parts.map((part) => `<span>${escapeHtml(part)}</span>`).join(" ")}</code></pre>`;
}
