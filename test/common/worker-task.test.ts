import { optionFlag } from "../../src/common/command-line.js";
import { failure, say, usageError, VadiError } from "../../src/common/errors.js";
import { restoreError, workerTask } from "../../src/common/worker-task.js";
import { assert, test } from "../helpers/test.js";

/** An error as it comes out of a worker thread. */
async function throughThread(error: unknown): Promise<unknown> {
  const task = workerTask(() => {
    throw error;
  });
  try {
    return await task(undefined);
  } catch (thrown) {
    return restoreError(structuredClone(thrown));
  }
}

test("a VadiError keeps its kind and its options' names", async () => {
  const error = await throughThread(
    failure((option) => `x is full; continue with ${option("otherBackend")}.`),
  );
  assert.instance(error, VadiError);
  const { kind, message, sentence } = error as VadiError;
  assert.equal([kind, message], ["failed", "x is full; continue with otherBackend."]);
  assert.is(say(sentence, optionFlag), "x is full; continue with --other-backend.");
});

test("a plain sentence stays as it is", async () => {
  const error = (await throughThread(usageError("It's wrong."))) as VadiError;
  assert.equal([error.kind, error.sentence], ["usage", "It's wrong."]);
});

test("another error stays another error", async () => {
  const error = await throughThread(new RangeError("too long"));
  assert.instance(error, RangeError);
});

test.run();
