import { formatCount, plainNumber } from "../../../common/text/numbers.js";
import { counted } from "../../../common/text/plurals.js";
import { text } from "../../../common/options/kinds.js";
import { pickOptions, required } from "../../../common/options/options.js";
import { certifyOptions } from "../../../curvature/options.js";
import type { CertificateRecord } from "../../../curvature/index.js";
import { defineCommand, type Command } from "../../parse/command.js";
import { facts, shownPath } from "../../terminal/output.js";

export const certifyCommand: Command = defineCommand({
  name: "certify",
  describe: "Prove where the loss is convex along a line, and where it is not",
  positionals: { run: required(text, "Folder of the run") },
  options: certifyOptions,
  examples: [
    { command: "vadi certify runs/mlp", describe: "The first batch along a random direction" },
    {
      command: "vadi certify runs/mlp --along curvature:1 --batches all",
      describe: "The mean over all rows in the direction of least curvature",
    },
  ],
  async run(values, { signal, onProgress }) {
    const { certify } = await import("../../../curvature/index.js");
    const { dir, record } = await certify(values.run, {
      ...pickOptions(certifyOptions, values),
      signal,
      onProgress,
    });
    const out = values.out ?? shownPath(dir);
    const { convex, intervals, kinks, kinkCounts, intervalCount, rows } = record;
    return {
      json: {
        out,
        convex,
        intervalCount,
        lengths: record.lengths,
        intervals: intervals.map(({ from, to, verdict, least, bound }) => ({
          from,
          to,
          convex: { convex: true, negative: false, undecided: null }[verdict],
          leastSecondDerivative: least,
          bound,
        })),
        kinkCounts,
        kinks,
        secondDifference: record.secondDifference,
      },
      rows,
      text: [`${verdictOf(record)} ${out}`, ...facts(factsOf(record))],
    };
  },
});

function verdictOf({ convex, from, to }: CertificateRecord): string {
  const line = `for α from ${plainNumber(from)} to ${plainNumber(to)}:`;
  if (convex === null) return `Undecided: rounding hides whether the loss is convex ${line}`;
  return `The loss is ${convex ? "" : "not "}convex ${line}`;
}

function factsOf(record: CertificateRecord): [string, string][] {
  const { rows, batches, lengths, least, kinkCounts, kinks } = record;
  const [largest] = kinks;
  const { switches, quotient, fromKinks } = record.secondDifference;
  return [
    ["loss", `mean over ${counted(rows, "row")} of ${counted(batches.length, "batch", "batches")}`],
    [
      "second derivative",
      `at least ${plainNumber(least.least, 4)} ± ${plainNumber(least.bound, 2)}; negative on ${plainNumber(lengths.negative, 3)} and undecided on ${plainNumber(lengths.undecided, 2)} of the line's length ${plainNumber(record.to - record.from, 3)}`,
    ],
    [
      "kinks",
      `the slope falls at ${formatCount(kinkCounts.falling)}, rises at ${formatCount(kinkCounts.rising)}, undecided at ${formatCount(kinkCounts.undecided)}`,
    ],
    [
      "second difference",
      `${plainNumber(quotient, 4)}, of which ${plainNumber(fromKinks, 4)} comes from ${counted(switches, "kink")}`,
    ],
    ...(largest === undefined
      ? []
      : [
          [
            "largest fall",
            `${plainNumber(largest.slopeChange, 4)} ± ${plainNumber(largest.bound, 2)} at α = ${plainNumber(largest.alpha)}: row ${largest.row}, unit ${largest.unit} of layer ${largest.layer}`,
          ] as [string, string],
        ]),
  ];
}
