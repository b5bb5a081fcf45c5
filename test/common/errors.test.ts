import { assert, test } from "../helpers/test.js";
import { failure, reasonOf } from "../../src/common/errors.js";

test("a name from a stranger's file cannot steer a terminal, nor end the sentence's line", () => {
  const { message } = failure("There is no column \u001b]0;title\u0007\u009b2J\r\nx\u202ey\u2028.");
  assert.is(
    message,
    String.raw`There is no column \u001b]0;title\u0007\u009b2J\u000d\u000ax\u202ey\u2028.`,
  );
  assert.is(failure("Größe, ölçü, 数, 😀").message, "Größe, ölçü, 数, 😀");
});

test("what engines say of unchecked content is no reason for a person", () => {
  assert.is(reasonOf(new RangeError("Offset is outside the bounds")), "its content is malformed");
  assert.is(reasonOf(new TypeError("x is not a function")), "its content is malformed");
  assert.is(reasonOf(new Error("unknown layer: [object Object]")), "its content is malformed");
  assert.is(reasonOf(new Error("a page is cut\nat line 3")), "a page is cut");
  assert.is(
    reasonOf(new Error("expected a number, but got undefined")),
    "expected a number, but it is missing",
  );
  const system = Object.assign(new RangeError("value out of range"), { code: "ERR_OUT_OF_RANGE" });
  assert.is(reasonOf(system), "value out of range");
});

test.run();
