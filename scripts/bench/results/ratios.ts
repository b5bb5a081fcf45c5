import { columns, type Ratio } from "../tables.js";
import type { Concern } from "./document.js";

/** A goal's number, and whether it is the most that a ratio may be; undefined where there is no number. */
export function boundOf(goal: string): { bound: number; isUpper: boolean } | undefined {
  const [, most, bound] = /^(at most |≤ )?(-?\d[\d.]*)/.exec(goal) ?? [];
  if (bound === undefined) return undefined;
  return { bound: Number(bound), isUpper: most !== undefined || goal.endsWith("at the most") };
}

/**
 * Whether a ratio reaches its goal.
 *
 * @returns undefined where the goal is not a number
 */
export function reaches({ value, goal }: Ratio): boolean | undefined {
  const { bound, isUpper } = boundOf(goal) ?? {};
  if (bound === undefined) return undefined;
  return isUpper === true ? value <= bound : value >= bound;
}

/** By how much a ratio may be worse than in the docs, relatively: two runs of one machine differ by as much. */
const SPREAD = 0.15;

/** Whether a ratio is worse than the one that the docs cite. */
export function isBelow({ value, goal }: Ratio, documented: number | undefined): boolean {
  if (documented === undefined) return false;
  const slack = SPREAD * Math.abs(documented);
  return boundOf(goal)?.isUpper === true ? value > documented + slack : value < documented - slack;
}

/** The ratios that the docs cite, by the names of concern and ratio. */
export function documentedRatios(cited: readonly Concern[]): Map<string, number> {
  return new Map(
    cited.flatMap(({ concern, ratios }) =>
      ratios.map(({ name, value }) => [`${concern}: ${name}`, value] as const),
    ),
  );
}

/** A ratio beside its goal and the docs. */
export interface JudgedRatio extends Ratio {
  documented: number | undefined;
  marks: string[];
}

export function judge(
  { concern, ratios }: Concern,
  documented: ReadonlyMap<string, number>,
): JudgedRatio[] {
  return ratios.map((ratio) => {
    const cited = documented.get(`${concern}: ${ratio.name}`);
    const marks = [
      ...(reaches(ratio) === false ? ["misses the goal"] : []),
      ...(isBelow(ratio, cited) ? ["worse than the docs"] : []),
    ];
    return { ...ratio, documented: cited, marks };
  });
}

/** One line a ratio, with marks where the goal is missed or the docs say better. */
export function summaryTable(
  concerns: readonly Concern[],
  documented: ReadonlyMap<string, number> = new Map(),
): string[] {
  return columns([
    ["", "measured", "goal", "docs", ""],
    ...concerns.flatMap((concern) =>
      judge(concern, documented).map((ratio) => [
        `${concern.concern}: ${ratio.name}`,
        ratio.value.toFixed(2),
        ratio.goal,
        ratio.documented?.toFixed(2) ?? "",
        ratio.marks.join(", "),
      ]),
    ),
  ]);
}
