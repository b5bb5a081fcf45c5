import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, skip, test } from "../helpers/test.js";
import { inFolder, main } from "./vadi.js";

interface ShellOutcome {
  code: number | null;
  stderr: string;
}

/** Runs a shell script in which `vadi` is the built command line. */
function shell(script: string, cwd: string): Promise<ShellOutcome> {
  const vadi = `vadi() { '${process.execPath}' '${main}' "$@"; }\n`;
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", vadi + script], {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

const GENERATE = "generate lsm --rows 2k --shard-rows 500 --out data --quiet";

test("a full disk under stdout is one sentence and exit code 1, for results and for help", async () => {
  if (!existsSync("/dev/full")) skip("there is no /dev/full");
  await inFolder(async (cwd) => {
    for (const words of [GENERATE, "inspect data --json", "--help", "train --help", "--version"]) {
      const { code, stderr } = await shell(`vadi ${words} > /dev/full`, cwd);
      assert.is(code, 1, words);
      assert.match(
        stderr,
        /^The result could not be written to standard output: no space is left .*\.\n$/,
      );
    }
    // What the command has made is there all the same.
    assert.ok(existsSync(path.join(cwd, "data/manifest.json")));
  });
});

test("a text that fits on a disk in part only is an error too", async () => {
  await inFolder(async (cwd) => {
    await shell(`vadi ${GENERATE}`, cwd);
    // Files of at most 1 KiB, where the shell counts in such blocks: the system writes that much of more.
    const limited = `trap '' XFSZ; ulimit -f 1; vadi inspect data --json > out`;
    const { code, stderr } = await shell(limited, cwd);
    assert.is(code, 1);
    assert.match(stderr, /^The result could not be written to standard output: EFBIG.*\.\n$/);
    assert.is((await readFile(path.join(cwd, "out"))).length, 1024);
  });
});

test("a reader that goes is no error, and the exit code stays the command's", async () => {
  await inFolder(async (cwd) => {
    await shell(`vadi ${GENERATE}`, cwd);
    for (const [words, wanted] of [
      ["--help", 0],
      ["inspect data --json", 0],
      ["generate --help", 0],
      ["foo", 2],
    ] as const) {
      const { code, stderr } = await shell(
        `vadi ${words} 2> err | true; exit \${PIPESTATUS[0]}`,
        cwd,
      );
      assert.is(code, wanted, words);
      assert.is(stderr, "", words);
      const told = await readFile(path.join(cwd, "err"), "utf8");
      assert.is(told === "", wanted === 0, `${words}: ${told}`);
    }
    await mkdir(path.join(cwd, "data/x"), { recursive: true });
    await writeFile(path.join(cwd, "data/shard-00001.arrow"), "damaged");
    const damaged = await shell("vadi verify data | true; exit ${PIPESTATUS[0]}", cwd);
    assert.is(damaged.code, 1);
    assert.is(damaged.stderr, "");
  });
});

test("work goes on where its progress and notes cannot be written", async () => {
  await inFolder(async (cwd) => {
    const words = "generate lsm --rows 20k --shard-rows 1k --force --out data";
    for (const redirection of [
      "2>&-",
      "2> >(true)",
      ...(existsSync("/dev/full") ? ["2> /dev/full"] : []),
    ]) {
      const { code } = await shell(`vadi ${words} ${redirection}`, cwd);
      assert.is(code, 0, redirection);
    }
    const { code } = await shell("vadi foo 2>&-", cwd);
    assert.is(code, 2);
  });
});

test("with few files each command works, or says in one sentence what to do", async () => {
  await inFolder(async (cwd) => {
    await shell(`vadi ${GENERATE}`, cwd);
    await shell("vadi train data --out run --batch-size 100 --quiet", cwd);
    const sentence =
      /^Too many files are open at once \(EMFILE\); raise the limit .*'ulimit -n 1024'.*\.\n$/;
    let refused = 0;
    // From what Node itself needs to start up to what all commands can do with.
    for (const limit of [24, 28, 34, 40, 64]) {
      for (const words of [
        "--help",
        `generate two-layer-sigmoid --rows 2k --shard-rows 500 --out made-${limit}`,
        `train data --batch-size 100 --out run-${limit}`,
        `landscape run --points 5 --out line-${limit}`,
      ]) {
        const { code, stderr } = await shell(`ulimit -n ${limit}; vadi ${words} --quiet`, cwd);
        const what = `${limit}: ${words}: ${stderr}`;
        assert.ok(code === 0 || (code === 1 && limit < 64), `${what} ${code}`);
        if (code === 1) {
          assert.match(stderr, sentence, what);
          refused++;
        } else assert.is(stderr, "", what);
      }
    }
    assert.ok(refused >= 3, `${refused}`);
    const debug = await shell("ulimit -n 26; vadi generate lsm --out x --debug", cwd);
    assert.is(debug.code, 1);
    assert.match(debug.stderr, /EMFILE[^]*\n {4}at /);
    assert.not.ok(existsSync(path.join(cwd, "x")));
  });
});

test("shuffling more shards at once than files may be open gives the same weights", async () => {
  await inFolder(async (cwd) => {
    await shell("vadi generate lsm --rows 30k --shard-rows 100 --out many --quiet", cwd);
    const words = "train many --batch-size 1000 --shuffle global --quiet --out";
    for (const [run, limit] of [
      ["few", 256],
      ["enough", 1024],
    ] as const) {
      const { code, stderr } = await shell(`ulimit -n ${limit}; vadi ${words} ${run}`, cwd);
      assert.is(code, 0, stderr);
    }
    const weights = (run: string): Buffer => readFileSync(path.join(cwd, run, "model/weights.bin"));
    assert.equal(weights("few"), weights("enough"));
  });
});

test("a package that Node cannot open for want of files is not called missing", async () => {
  await inFolder(async (cwd) => {
    await mkdir(path.join(cwd, "installed"));
    await writeFile(path.join(cwd, "installed/package.json"), "{}");
    const module = new URL("../../src/common/process/open-file-limit.js", import.meta.url).href;
    for (const [limit, name, wanted] of [
      [100, "installed", true],
      [100, "missing", false],
      [1024, "installed", false],
    ] as const) {
      const file = path.join(cwd, name, "index.js");
      const program = `
        import { openFilesMessage } from "${module}";
        const error = new Error("Cannot find package '${file}' imported from /x.js");
        error.code = "ERR_MODULE_NOT_FOUND";
        const message = openFilesMessage(new Error("Not loaded.", { cause: error }));
        process.exit(message === undefined ? 0 : 3);`;
      await writeFile(path.join(cwd, "program.mjs"), program);
      const { code } = await shell(`ulimit -n ${limit}; '${process.execPath}' program.mjs`, cwd);
      assert.is(code, wanted ? 3 : 0, `${limit} ${name}`);
    }
  });
});

test.run();
