import { homedir } from "node:os";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { commandFrom, pathFrom } from "../../../src/report/page/paths.js";

test("a path is seen from the report's folder", () => {
  assert.is(pathFrom("/work/a", "/work/a/runs/x"), "runs/x");
  assert.is(pathFrom("/work/a/reports", "/work/a/runs/x"), "../runs/x");
  assert.is(pathFrom("/work/a", "/work/a"), ".");
  assert.is(pathFrom("/work/a", "data/lsm"), "data/lsm", "already relative");
});

test("what shares only the root or the home with the report is shortened to its last two names", () => {
  assert.is(pathFrom("/srv/reports", "/mnt/data/lsm"), "data/lsm");
  assert.is(pathFrom(undefined, "/mnt/big/data/lsm"), "data/lsm");
  const below = path.join(homedir(), "reports");
  assert.is(pathFrom(below, path.join(homedir(), "big/data/lsm")), "data/lsm");
});

test("a command keeps its words, and its paths are seen from the report's folder", () => {
  const command =
    "vadi landscape /w/runs/x --along model:/w/runs/y --dataset '/w/my data' --scale 0.1";
  assert.is(
    commandFrom("/w/out", command),
    "vadi landscape ../runs/x --along model:../runs/y --dataset '../my data' --scale 0.1",
  );
  assert.is(
    commandFrom("/w", String.raw`vadi train '/w/it'\''s' --out /w`),
    String.raw`vadi train 'it'\''s' --out .`,
  );
});

test.run();
