import { NO_VALUE, plainNumber } from "./numbers.js";

/** A duration in its two largest units: `0.42 s`, `12.3 s`, `3 min 20 s`, `1 h 2 min`, `2 d 3 h`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return NO_VALUE;
  if (seconds < 59.95) return `${plainNumber(Math.max(0, seconds), 3)} s`;
  const total = Math.round(seconds);
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes} min ${total % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
