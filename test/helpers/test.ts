import * as uvu from "uvu";
import type { Callback, Test } from "uvu";

/*
 * The test runner, uvu, behind one file. It adds two things that uvu lacks: a test can skip itself
 * while it runs (`skip`), and `npm test -- -t NAME` runs only the tests whose name contains NAME.
 */

export * as assert from "uvu/assert";

/** The part of a name that `npm test -- -t NAME` asks for. Default: every test runs. */
const wantedName = process.env["TEST_NAME"] ?? "";

/** Thrown by a test that cannot run on this machine. */
class Skip extends Error {}

/** Ends a test that cannot run here. It counts as skipped, with the reason. */
export function skip(reason: string): never {
  throw new Skip(reason);
}

/** How many tests of this process have skipped themselves; uvu counts them as passed. */
let skippedWhileRunning = 0;

process.on("exit", () => {
  // run-tests.ts reads this line below uvu's own summary.
  if (skippedWhileRunning > 0) process.stdout.write(`  Of those skipped: ${skippedWhileRunning}\n`);
});

function skippable<Context>(name: string, run: Callback<Context>): Callback<Context> {
  return async (context) => {
    try {
      await run(context);
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      skippedWhileRunning++;
      process.stdout.write(`\n  skipped "${name}": ${error.message}\n`);
    }
  };
}

function extended<Context>(original: Test<Context>): Test<Context> {
  const add = (name: string, run: Callback<Context>): void => {
    if (name.includes(wantedName)) original(name, skippable(name, run));
  };
  return Object.assign(add, {
    only: original.only,
    skip: (name?: string, run?: Callback<Context>) => {
      if (name === undefined || name.includes(wantedName)) original.skip(name, run);
    },
    before: original.before,
    after: original.after,
    run: () => original.run(),
  });
}

/** The tests of a file. */
export const test: Test = extended(uvu.test);

/** Tests of a file that are listed under a name of their own. */
export function suite(name: string): Test {
  return extended(uvu.suite(name));
}
