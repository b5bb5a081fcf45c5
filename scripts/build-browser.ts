// Bundles the scripts of the report page and of the watch page, each with all modules that it imports, to
// dist/src/report/scripts, and copies the style beside them.
import { copyFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const out = path.join(root, "dist/src/report/scripts");

for (const page of ["report", "watch"]) {
  await build({
    input: path.join(root, `src/report/browser/${page}.js`),
    platform: "browser",
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    output: {
      file: path.join(out, `${page}.js`),
      // Scripts in a page share one scope: each is a function of its own.
      format: "iife",
      minify: true,
      comments: false,
    },
    logLevel: "warn",
  });
}
copyFileSync(path.join(root, "src/report/browser/page.css"), path.join(out, "page.css"));
