import { plural } from "../../common/text/plurals.js";
import { counted, number } from "./words.js";

const FULL = "With all numbers this page would exceed 10 MB";

/** The sentences below a figure on what it does not show. `where` says where all numbers are. */
export const notes = {
  allInFolder: "the folder that the figure was made from has all",
  allIn: (files: readonly string[]) => `all are in ${files.join(" and ")}`,
  notFinite: (points: number) =>
    `${counted(points, "point")} ${plural(points, "is", "are")} not finite (NaN or infinite) and shown as gaps.`,
  notPositive: (points: number) =>
    `${counted(points, "point")} ${plural(points, "is", "are")} not above zero and cannot be shown on a logarithmic axis.`,
  curvesLeftOut: (kept: number, all: number, where: string) =>
    `${FULL}: it has ${number(kept)} of the ${counted(all, "curve")}, evenly chosen; ${where}.`,
  curvesNotDrawn: (drawn: number, all: number) =>
    `${number(drawn)} of the ${counted(all, "curve")} in this file are drawn, evenly chosen; any other can be selected above. The mean and the band are those of all.`,
  pointsLeftOut: (name: string, kept: number, all: number, where: string) =>
    `${FULL}: “${name}” is thinned to ${number(kept)} of its ${counted(all, "point")}, which include the highest and the lowest of each interval; ${where}.`,
  pointsNotDrawn: (name: string, points: number) =>
    `“${name}” has ${counted(points, "point")} in this file. The highest and the lowest of each interval are drawn, and more of them when you zoom in.`,
  gridThinned: (
    across: number,
    along: number,
    everyAcross: number,
    everyAlong: number,
    where: string,
  ) =>
    `${FULL}: of the ${number(across)} × ${number(along)} points it has one in ${number(everyAcross)} across and one in ${number(everyAlong)} along; ${where}.`,
  markThinned: (name: string, every: number, points: number) =>
    `“${name}” is thinned for drawing to one in ${number(every)} of its ${counted(points, "point")}.`,
};
