/** The longest quotation, in characters. */
const LONGEST = 60;

/** Quotes a user's text in an error message, escaped and cut to one line. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length <= LONGEST ? quoted : `${quoted.slice(0, LONGEST)}…"`;
}
