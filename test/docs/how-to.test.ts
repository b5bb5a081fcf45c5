import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { root, runPage } from "./run-page.js";

test(
  "every command of the how-to pages does what its page says",
  inFolder(async (folder) => {
    const names = readdirSync(path.join(root, "docs/how-to"));
    assert.ok(names.length >= 8);
    const wanted = process.env["TEST_PAGE"];
    const left = names.filter((name) => wanted === undefined || name === wanted);
    const work = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        const own = path.join(folder, name);
        await mkdir(own);
        await runPage(`docs/how-to/${name}`, own);
      }
    };
    await Promise.all([work(), work()]);
  }),
);

test.run();
