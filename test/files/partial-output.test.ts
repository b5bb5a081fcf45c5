import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { openPartialOutput } from "../../src/files/partial-output.js";
import { inFolder } from "../helpers/folder.js";
import { messageOf } from "../helpers/message-of.js";
import { assert, test } from "../helpers/test.js";

test(
  "a result that could not be moved to its place is kept for the next job, and the folder is free",
  inFolder(async (folder) => {
    const out = path.join(folder, "out");
    const kind = { name: "a landscape", files: ["slices.parquet", "landscape.json"] };
    const output = await openPartialOutput(out, kind, {});
    await mkdir(output.result);
    await writeFile(path.join(output.result, "slices.parquet"), "slices");
    await writeFile(path.join(output.partial, "losses.bin"), "losses");
    // Another program's folder in the place of the record.
    await mkdir(path.join(out, "landscape.json"));
    const message = await messageOf(output.commit());
    assert.match(message, /^Could not move the files of a landscape to .*continue with resume\.$/);
    // What a job does after an error that leaves nothing to resume.
    await output.discard();
    await rm(path.join(out, "landscape.json"), { recursive: true });
    assert.equal(await readdir(path.join(out, ".partial")), ["losses.bin", "result"]);
    const next = await openPartialOutput(out, kind, { resume: true });
    assert.is(next.action, "resume");
    next.keep();
  }),
);

test.run();
