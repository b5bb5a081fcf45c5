import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

/* Only datasets are written to stores: what else is given a URL is refused, rather than written to a folder `s3:`. */

const URL = "s3://bucket/place";

test("runs, landscapes, reports and other results are not written to a URL", () =>
  inFolder(async (cwd) => {
    const run = (words: string): ReturnType<typeof vadi> => vadi(words.split(" "), { cwd });
    for (const words of [
      "generate lsm --rows 300 --features 2 --out data",
      "train data --batch-size 100 --model mlp:2 --out run",
      "landscape run --out land",
      "plan landscape run --parts parts --tasks 1",
    ]) {
      const { code, stderr, stdout } = await run(words);
      assert.is(code, 0, stderr);
      if (words.startsWith("plan")) {
        const line = path.join(cwd, "plan.jsonl");
        await writeFile(line, stdout);
      }
    }
    assert.is((await run("task --plan plan.jsonl")).code, 0);
    for (const words of [
      `train data --out ${URL}`,
      `predict run data --out ${URL}`,
      `export run --out ${URL}.safetensors`,
      `landscape run --out ${URL}`,
      `merge land --out ${URL}`,
      `merge parts --out ${URL}`,
      `curvature run --out ${URL}`,
      `certify run --out ${URL}`,
      `report run --out ${URL}.html`,
      `report run --format csv --out ${URL}`,
      `experiment slice-optimum --quick --out ${URL}`,
      `experiment all --quick --out ${URL}`,
    ]) {
      const { code, stderr } = await run(words);
      assert.is(code, 2, `${words}: ${stderr}`);
      assert.match(stderr, /^--out is s3:.*, but only datasets are written to a store/m, words);
    }
    for (const words of [
      "generate lsm --rows 10 --out gs://bucket/x",
      "train hf://data --out new",
    ]) {
      const { code, stderr } = await run(words);
      assert.is(code, 2, `${words}: ${stderr}`);
      assert.match(stderr, /is no place that vadi knows; write s3:/, words);
    }
    for (const scheme of ["s3:", "gs:", "hf:"]) assert.not.ok(existsSync(path.join(cwd, scheme)));
  }));

test.run();
