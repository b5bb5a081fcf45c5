import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

// The desktop's opener is a program of another name elsewhere.
const linuxTest: typeof test.skip = process.platform === "linux" ? test : test.skip;

linuxTest(
  "report --open hands the report to the desktop's opener, and says where there is none",
  () =>
    inFolder(async (cwd) => {
      const at = { cwd };
      const made = await vadi(["generate", "lsm", "--rows", "200", "--out", "data"], at);
      assert.is(made.code, 0, made.stderr);
      const trained = await vadi(["train", "data", "--batch-size", "50", "--out", "run"], at);
      assert.is(trained.code, 0, trained.stderr);

      const programs = path.join(cwd, "programs");
      await mkdir(programs);
      const words = ["report", "run", "--out", "its report.html", "--open"];
      const without = await vadi(words, { cwd, env: { PATH: programs } });
      assert.is(without.code, 0, without.stderr);
      assert.match(
        without.stderr,
        /The report could not be opened \(.*ENOENT.*\): open .*its report\.html in a browser\./,
      );

      const opener = path.join(programs, "xdg-open");
      await writeFile(opener, '#!/bin/sh\nprintf "%s" "$*" > opened.part\nmv opened.part opened\n');
      await chmod(opener, 0o755);
      const env = { PATH: `${programs}:${process.env["PATH"]}` };
      const opened = await vadi(words, { cwd, env });
      assert.is(opened.code, 0, opened.stderr);
      // The opener goes on by itself.
      const told = path.join(cwd, "opened");
      for (let attempt = 0; attempt < 200 && !existsSync(told); attempt++) await pause(50);
      const given = await readFile(told, "utf8");
      assert.is(path.resolve(cwd, given), path.join(cwd, "its report.html"));
    }),
);

test.run();
