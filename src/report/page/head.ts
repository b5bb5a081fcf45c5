import type { LanguageCode } from "../../language/index.js";
import type { Assets } from "./assets.js";
import { themeStyle } from "./colours.js";
import { escapeHtml } from "./escape.js";

/** Identifies a page of vadi. It is in the first lines of each. */
export const reportMark = '<meta name="generator" content="vadi">';

/** The start of a page, up to its body: it is self-contained, so its style is in it. */
export function documentHead(
  language: LanguageCode,
  title: string,
  policy: readonly string[],
  { style }: Assets,
): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
${reportMark}
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${themeStyle()}
${style}
</style>
</head>`;
}
