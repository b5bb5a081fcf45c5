import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { optionFlag } from "../../../common/command-line.js";
import { failure, messageOf, usageError } from "../../../common/errors.js";
import { count, text } from "../../../common/options/kinds.js";
import { optional, pickOptions } from "../../../common/options/options.js";
import { workOptions } from "../../../tasks/options.js";
import { defineCommand, type Command } from "../../parse/command.js";

export const taskCommand: Command = defineCommand({
  name: "task",
  describe: "Run tasks of vadi plan: lines of JSON on stdin, one result per line",
  positionals: {},
  options: {
    plan: optional(text, "File of tasks to read instead of standard input"),
    index: optional(count(), "Do only the task of this number, from 0", "all"),
    ...workOptions,
  },
  examples: [
    {
      command: "vadi task --plan plan.jsonl",
      describe: "All tasks one after the other; exit code 1 if one of them failed",
    },
    {
      command: "vadi task --plan plan.jsonl --index 7",
      describe: "One of them, as in a job array",
    },
  ],
  async run({ plan, index, ...values }, { signal, onProgress, note, announce }) {
    const { runTasks } = await import("../../../tasks/index.js");
    if (plan === undefined && process.stdin.isTTY) {
      throw usageError("vadi task reads tasks from standard input: vadi plan … | vadi task.");
    }
    let [done, failed] = [0, 0];
    const work = pickOptions(workOptions, values);
    const options = { ...work, only: index, signal, onProgress, nameOption: optionFlag };
    for await (const result of runTasks(linesOf(plan), options)) {
      done++;
      if (result.status === "failed") {
        failed++;
        // For the logs of a cluster, which keeps the results of no task that failed.
        note(`Task ${result.task ?? "?"} failed: ${result.error}`);
      }
      await announce({ json: {}, text: [], lines: [JSON.stringify(result)] });
    }
    if (index !== undefined && done === 0) {
      throw failure(`There is no task ${index} in ${plan ?? "standard input"}.`);
    }
    return { json: {}, text: [], lines: [], ...(failed > 0 && { exitCode: 1 }) };
  },
});

async function* linesOf(file: string | undefined): AsyncGenerator<string, void, void> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw failure(`Could not read ${file ?? "standard input"}: ${messageOf(error)}.`, error);
  }
}
