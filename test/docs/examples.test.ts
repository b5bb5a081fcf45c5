import { inFolder } from "../helpers/folder.js";
import { assert, test } from "../helpers/test.js";
import { runPage } from "./run-page.js";

test(
  "every example of the commands' help does its work, in the order of docs/commands.md",
  inFolder(async (folder) => {
    const ran = await runPage("docs/commands.md", folder);
    assert.ok(ran.length > 20);
  }),
);

test.run();
