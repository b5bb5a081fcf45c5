import { test } from "uvu";
import * as assert from "uvu/assert";
import { inFolder, vadi } from "./vadi.js";

test("vadi watch tells its address at once, serves until it is interrupted, and ends with 130", async () => {
  await inFolder(async (cwd) => {
    await vadi(["generate", "lsm", "--out", "data", "--rows", "2k"], { cwd });
    await vadi(["train", "data", "--out", "run", "--batch-size", "100"], { cwd });
    let body = "";
    let told = "";
    let visiting: Promise<void> | undefined;
    const { code, stdout, stderr } = await vadi(["watch", "run", "--json"], {
      cwd,
      onStart: (child) => {
        child.stdout?.on("data", (piece: Buffer) => {
          told += String(piece);
          if (!told.endsWith("}\n")) return;
          const { url } = JSON.parse(told) as { url: string };
          visiting = fetch(url)
            .then((response) => response.text())
            .then((text) => {
              body = text;
              return undefined;
            })
            .finally(() => child.kill("SIGINT"));
        });
      },
    });
    await visiting;
    assert.is(code, 130, stderr);
    assert.match((JSON.parse(stdout) as { url: string }).url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(body, "<title>run</title>");
  });
});

test("vadi watch refuses what is no run", async () => {
  await inFolder(async (cwd) => {
    const { code, stderr } = await vadi(["watch", "nowhere"], { cwd });
    assert.is(code, 1);
    assert.match(stderr, "is not a run");
  });
});

test.run();
