import type { Page } from "playwright-core";
import { assert } from "./test.js";

/** Waits for an expression to be true; asked from outside, since the policy forbids evaluation to the page itself. */
export async function until(page: Page, expression: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await page.evaluate<boolean>(expression)) return;
    await page.waitForTimeout(50);
  }
  assert.unreachable(`never true: ${expression}`);
}
