import type { Page } from "playwright-core";

/** Scrolls past all charts, which draws them, and back. */
export async function drawAll(page: Page): Promise<void> {
  for (const figure of await page.locator("[data-figure]").all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.and(page.locator("[data-drawn]")).waitFor({ timeout: 60_000 });
  }
  await page.evaluate("scrollTo(0, 0)");
}
