import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { failure } from "../../common/errors.js";
import { packageFile } from "../../common/package-files.js";

/** The scripts and the style of a page, which are built with vadi. */
export interface Assets {
  /** plotly.js, minified. */
  plotly: string;
  /** The page's own script. */
  script: string;
  style: string;
}

/** `report`: an HTML file; `watch`: the page that follows a training. */
export type PageKind = "report" | "watch";

const loaded = new Map<PageKind, Assets>();

/** Reads the assets of a page once. Throws a failure if the installation lacks one. */
export function loadAssets(kind: PageKind = "report"): Assets {
  const known = loaded.get(kind);
  if (known) return known;
  const assets: Assets = {
    plotly: inlineScript(
      "plotly.js-dist-min",
      createRequire(import.meta.url).resolve("plotly.js-dist-min/plotly.min.js"),
    ),
    // Bundled from src/report/browser by scripts/build-browser.ts.
    script: inlineScript(`${kind}.js`, packageFile(`dist/src/report/scripts/${kind}.js`)),
    style: readText("page.css", packageFile("dist/src/report/scripts/page.css")),
  };
  loaded.set(kind, assets);
  return assets;
}

function readText(name: string, file: string | URL): string {
  try {
    // Browsers normalise line ends to \n before they hash a script.
    return readFileSync(file, "utf8").replace(/\r\n?/g, "\n");
  } catch (error) {
    throw failure(
      `The report's ${name} is missing from this installation of vadi: install it again.`,
      error,
    );
  }
}

function inlineScript(name: string, file: string | URL): string {
  const text = readText(name, file);
  if (/<\/script|<script/i.test(text)) {
    throw failure(
      `The report's ${name} holds a script tag and cannot be inlined: install another version of it.`,
    );
  }
  return text;
}

/** The source expression that lets a content security policy accept exactly this inline script. */
export function scriptHash(text: string): string {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}
