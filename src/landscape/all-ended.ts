/** Waits until all work has ended, well or not, and throws the first error then: nothing goes on behind the caller's back. */
export async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(work)) {
    if (end.status === "rejected") throw end.reason;
  }
}
