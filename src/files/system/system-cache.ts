import { homedir } from "node:os";
import path from "node:path";

/**
 * vadi's folder below the system's folder for files that can be brought again. All arguments are this machine's, or
 * others for tests.
 */
export function systemCacheFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (platform === "win32" && local) return path.join(local, "vadi", "cache");
  if (platform === "darwin") return path.join(home, "Library", "Caches", "vadi");
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, ".cache"), "vadi");
}
