/** The largest resident set size of this process so far, all its threads included, in bytes. */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
