import { execFileSync, spawnSync } from "node:child_process";

/**
 * Mounts a small disk over a folder.
 *
 * @returns a function that unmounts it; undefined where this user may not mount one
 */
export function mountDisk(folder: string, size: string): (() => void) | undefined {
  const options = ["-t", "tmpfs", "-o", `size=${size}`, "vadi-test", folder];
  if (process.getuid?.() !== 0 || spawnSync("mount", options).status !== 0) return undefined;
  return () => execFileSync("umount", ["-l", folder]);
}
