/**
 * The code that runs in the page, strict TypeScript for the browser, bundled by
 * scripts/build-browser.ts.
 * Uses the types of figures and common/text; nothing of Node.
 *
 * @module
 */
