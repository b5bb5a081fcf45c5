import { spawn } from "node:child_process";
import { messageOf } from "../../common/errors.js";

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  win32: ["explorer.exe"],
};

/** Opens a file with the desktop's program for it. `note` receives a sentence if there is none. */
export function openInBrowser(file: string, note: (sentence: string) => void): Promise<void> {
  const [program = "xdg-open", ...words] = OPENERS[process.platform] ?? [];
  return new Promise((resolve) => {
    const child = spawn(program, [...words, file], { detached: true, stdio: "ignore" });
    child.on("error", (error) => {
      note(`The report could not be opened (${messageOf(error)}): open ${file} in a browser.`);
      resolve();
    });
    child.on("spawn", () => {
      child.unref();
      resolve();
    });
  });
}
