/** How an operation fails. `short`: half of the bytes are written. `before`, `after`: the process is killed. */
export const MODES = ["ENOSPC", "EIO", "short", "before", "after"] as const;
export type Mode = (typeof MODES)[number];

/** What else happens at an operation: signals that the process gets, and a clock that jumps. */
export const EVENTS = ["SIGTERM", "SIGINT", "SIGINT twice", "clock"] as const;
export type Event = (typeof EVENTS)[number];

/** What an operation does. */
export type Kind = "read" | "write" | "create" | "sync" | "remove";

/** The ways in which operations of a kind can fail. */
export const MODES_OF: Readonly<Record<Kind, readonly Mode[]>> = {
  read: ["EIO"],
  write: ["ENOSPC", "EIO", "short", "before", "after"],
  create: ["ENOSPC", "EIO", "before", "after"],
  sync: ["ENOSPC", "EIO", "before", "after"],
  remove: ["EIO", "before", "after"],
};
