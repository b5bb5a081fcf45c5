import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { loadCommands } from "../../src/cli/commands/index.js";
import { completionScript, SHELLS, type Shell } from "../../src/cli/parse/completion.js";
import { assert, skip, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

/** What a shell offers for each of some command lines, whose last word is not complete. */
type Offers = (words: string[][], script: string, folder: string) => string[][];

/** Runs a shell's program; skips the test where the shell is not there. */
function run(shell: Shell, words: string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(shell, words, {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") skip(`${shell} is not here`);
  assert.is(stderr, "");
  assert.is(status, 0);
  return stdout;
}

const OFFERS: Record<Shell, Offers> = {
  bash(lines, script, folder) {
    const calls = lines.map(
      (words) =>
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _vadi; echo "\${COMPREPLY[*]}"`,
    );
    const printed = run("bash", ["-c", `source '${script}'\n${calls.join("\n")}`], folder);
    return printed
      .split("\n")
      .slice(0, lines.length)
      .map((line) => line.split(" ").filter((word) => word !== ""));
  },
  zsh(lines, script, folder) {
    // zsh completes in a terminal alone. Here its two functions tell what they are asked to offer.
    const calls = lines.map((words) => {
      const set = `words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length}`;
      return `${set}; _vadi; print -- --`;
    });
    const told = [
      "compdef() {}",
      '_arguments() { print -l -- "$@" }',
      '_describe() { print -l -- "${(@P)2}" }',
    ];
    const printed = run(
      "zsh",
      ["-f", "-c", [...told, `source '${script}'`, ...calls].join("\n")],
      folder,
    );
    return printed
      .split("--\n")
      .slice(0, lines.length)
      .map((part, index) => {
        const words = lines[index] ?? [];
        const [current = "", previous = ""] = words.toReversed();
        const specs = part.split("\n");
        const argument = words.slice(2, -1).filter((word) => !word.startsWith("-")).length + 1;
        const offered = current.startsWith("-")
          ? specs.flatMap((spec) => /^(--[a-z-]+)\[/.exec(spec)?.[1] ?? [])
          : words.length === 2
            ? specs.flatMap((spec) => /^([a-z]+):/.exec(spec)?.[1] ?? [])
            : specs
                .filter((spec) =>
                  spec.startsWith(previous.startsWith("-") ? `${previous}[` : `${argument}:`),
                )
                .flatMap((spec) => /\((.*)\)$/.exec(spec)?.[1]?.split(" ") ?? []);
        return offered.filter((word) => word.startsWith(current));
      });
  },
  fish(lines, script, folder) {
    const calls = lines.map((words) => `complete -C'${words.join(" ")}'; echo ====`);
    const printed = run("fish", ["-c", `source '${script}'\n${calls.join("\n")}`], folder);
    return printed
      .split("====\n")
      .slice(0, lines.length)
      .map((part) =>
        part
          .split("\n")
          .flatMap((line) => line.split("\t")[0] ?? [])
          .filter(Boolean),
      );
  },
};

const LINES: [string[], string[]][] = [
  [["vadi", "tra"], ["train"]],
  [["vadi", "train", "--optimi"], ["--optimizer"]],
  [["vadi", "generate", "l"], ["lsm"]],
  [["vadi", "generate", "lsm", "--format", "p"], ["parquet"]],
  [["vadi", "landscape", "run", "--along", "gr"], ["gradient"]],
  [["vadi", "experiment", "tiny-t"], ["tiny-thing"]],
  [["vadi", "backend", "install", "we"], ["webgpu"]],
];

for (const shell of SHELLS) {
  test(`${shell} offers commands, options, values and arguments`, () =>
    inFolder(async (folder) => {
      const script = path.join(folder, "script");
      await writeFile(
        script,
        completionScript(shell, await loadCommands(), ["tiny-thing", "other"]),
      );
      const offered = OFFERS[shell](
        LINES.map(([words]) => words),
        script,
        folder,
      );
      assert.equal(
        offered,
        LINES.map(([, expected]) => expected),
      );
    }));
}

test("the command prints the script and nothing else", async () => {
  const { stdout, code } = await vadi(["completion", "bash"]);
  assert.is(code, 0);
  assert.match(stdout, /^# Completes .*\n[^]*complete -o default -o filenames -F _vadi vadi\n$/);
});

test.run();
