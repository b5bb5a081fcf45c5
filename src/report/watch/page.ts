import { VERSION } from "../../common/version.js";
import { escapeHtml } from "../page/escape.js";

function tile(id: string, name: string): string {
  return `<div><dt>${name}</dt><dd id="${id}">–</dd></div>`;
}

function chart(id: string, name: string, caption: string): string {
  return `<figure data-figure="${id}" role="figure" aria-labelledby="${id}-title">
<h2 class="block-title" id="${id}-title">${name}</h2>
<div class="chart lines" role="group" aria-label="${name}"><p class="waiting">Nothing has been logged yet.</p></div>
<ul class="chart-legend" aria-label="Legend"></ul>
<figcaption><p>${caption}</p></figcaption>
</figure>`;
}

/** The HTML of the watch page. Scripts and style are served beside it; its data arrive as events. */
export function watchPage(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
</head>
<body>
<header>
<p class="eyebrow">vadi ${escapeHtml(VERSION)}, watching</p>
<button type="button" id="theme" hidden>Dark</button>
<h1 id="title">${escapeHtml(title)}</h1>
<p class="subtitle" id="folder"></p>
<p class="status" role="status"><span id="status">waiting</span></p>
</header>
<main>
<p class="notice" id="problem" role="note" hidden></p>
<dl class="tiles">
${tile("loss", "loss (mean squared error)")}
${tile("rate", "rows/s")}
${tile("step", "step")}
${tile("epoch", "epoch")}
${tile("elapsed", "time")}
${tile("left", "time left")}
</dl>
${chart("live-loss", "Loss against step", "Look for how fast the loss falls.")}
${chart("live-rate", "Rows per second", "Look for dips: there the training waited for data or for the processor.")}
<div id="figures"></div>
<noscript><p class="notice">This page is drawn by a script, and scripts are switched off here.</p></noscript>
</main>
<footer>Served by this machine to this machine only; nothing leaves it.</footer>
<script src="/plotly.js"></script>
<script src="/page.js"></script>
</body>
</html>
`;
}
