import { messageOf, usageError, VadiError } from "../../src/common/errors.js";

/*
 * `npm run soak -- CONCERN`: breaks one concern at random for as long as asked, and checks that it
 * recovers, or drives it for very long, and checks that nothing grows. Ends with exit code 1 at the first time that it does not, and says how to repeat it.
 */

/** One file per concern; each reads the words that follow its name. */
const CONCERNS: ReadonlyMap<string, () => Promise<(words: string[]) => Promise<void>>> = new Map([
  ["generate", async () => (await import("./generate.js")).soakGenerate],
  ["train", async () => (await import("./train.js")).soakTrain],
  ["commands", async () => (await import("./commands.js")).soakCommands],
  ["pipeline", async () => (await import("./pipeline.js")).soakPipeline],
]);

const [, , concern, ...rest] = process.argv;
try {
  const open = CONCERNS.get(concern ?? "");
  if (open === undefined) {
    throw usageError(`Say what to soak: npm run soak -- ${[...CONCERNS.keys()].join(" | ")}.`);
  }
  await (
    await open()
  )(rest);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  const isUsage = error instanceof VadiError ? error.kind === "usage" : error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
