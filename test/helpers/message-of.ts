import { assert } from "./test.js";
import { VadiError } from "../../src/common/errors.js";

/** The sentence of the error that a user is meant to see, which some work must end in. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error("nothing was thrown"),
    (reason: unknown) => reason,
  );
  assert.instance(error, VadiError, String(error));
  return (error as VadiError).message;
}
