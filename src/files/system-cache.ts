import { homedir } from "node:os";
import path from "node:path";

/** vadi's folder below the system's folder for files that can be brought again. */
export function systemCacheFolder(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (process.platform === "win32" && local) return path.join(local, "vadi", "cache");
  if (process.platform === "darwin") return path.join(homedir(), "Library", "Caches", "vadi");
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(homedir(), ".cache"), "vadi");
}
