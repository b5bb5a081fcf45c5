import { readdir } from "node:fs/promises";
import { exists, isFile } from "../files/folders.js";
import path from "node:path";
import { languageOf, type Language, type LanguageCode } from "../language/index.js";
import { shellWord } from "../common/command-line.js";
import { failure, isAbsent, messageOf, systemCode, usageError } from "../common/errors.js";
import {
  openCertificate,
  openCurvature,
  type Certificate,
  type CurvatureResult,
} from "../curvature/index.js";
import type { Landscape } from "../landscape/index.js";
import { openLandscape } from "../landscape/index.js";
import type { Run } from "../train/index.js";
import { openRun } from "../train/index.js";
import { compareRuns, namesOfRuns } from "./sections/compare.js";
import { contentsOf, sectionsOfContents, type Contents } from "./sections/contents.js";
import { datasetOf } from "./sections/dataset.js";
import type { ExperimentDocument } from "./sections/experiment.js";
import { experimentFile, readExperimentDocument } from "./sections/experiment.js";
import type { ReportSection } from "./figures/figure.js";
import type { Lesson } from "./figures/lesson.js";
import { checkReplaceFile } from "./formats/replace.js";
import { sectionsOfCertificate } from "./sections/curvature/certificate.js";
import { sectionsOfCurvature } from "./sections/curvature/curvature.js";
import { sectionsOfLandscape } from "./sections/landscape.js";
import { titleOfLandscape } from "./sections/landscape-texts.js";
import { sectionsOfRun, titleOfRun } from "./sections/run.js";
import { fillOptions, type GivenOptions } from "../common/options/options.js";
import { writeFormat } from "./formats/formats.js";
import { reportOptions } from "./options.js";

/** What a report shows, and where it is written. */
export interface ReportOptions extends GivenOptions<typeof reportOptions> {
  /** Default: the names of the sources. */
  subtitle?: string;
  /** The command line that reproduces the report, shown under its title. Default: `vadi report` of the sources. */
  command?: string;
}

type Source =
  | {
      kind: "run";
      run: Run;
      landscapes: Landscape[];
      curvatures: CurvatureResult[];
      certificates: Certificate[];
    }
  | { kind: "landscape"; landscape: Landscape }
  | { kind: "curvature"; curvature: CurvatureResult }
  | { kind: "certificate"; certificate: Certificate }
  | { kind: "experiment"; document: ExperimentDocument }
  | { kind: "folder"; contents: Contents };

/**
 * Writes one report of runs (with the landscapes in their folders), landscapes, experiments and demos, each given by
 * its folder, and returns its absolute path. A folder that has some of these below it becomes an overview of them.
 * Several runs are also compared; a dataset that they share is described once.
 *
 * @throws a usage error for no source or a wrong option; a failure for any other folder, or where the file to write exists
 *   and is not a report
 */
export async function report(sources: readonly string[], options: ReportOptions): Promise<string> {
  if (sources.length === 0) {
    throw usageError(
      "A report needs at least one source: the folder of a run, a landscape or an experiment.",
    );
  }
  const { format, language: wanted, ...how } = fillOptions(reportOptions, options);
  if (format === "html") await checkReplaceFile(options.out, how.force);
  const opened: Source[] = [];
  for (const source of sources) opened.push(await openSource(source));

  const code = languageOfReport(opened, wanted);
  const language = languageOf(code);
  const sections = await sectionsOf(language, opened);
  const names = await Promise.all(opened.map((source) => titleOf(language, source)));
  const only = names.length === 1 ? names[0] : undefined;
  const title = options.title ?? only ?? language.texts.overview.title;
  const subtitle = options.subtitle ?? (title === only ? undefined : listed(language, names));
  const document = {
    title,
    ...(subtitle !== undefined && { subtitle }),
    command: options.command ?? commandOf(sources, options),
    language: code,
    ...lessonAmong(opened),
    sections,
  };
  return writeFormat(format, options.out, document, how);
}

function commandOf(
  sources: readonly string[],
  { out, format = "html", title, figure, size, theme = "light", language }: ReportOptions,
): string {
  const words = ["vadi report", ...sources.map((source) => shellWord(path.resolve(source)))];
  if (language !== undefined) words.push(`--language ${language}`);
  if (format !== "html") words.push(`--format ${format}`);
  if (title !== undefined) words.push(`--title ${shellWord(title)}`);
  if (figure !== undefined) words.push(`--figure ${shellWord(figure)}`);
  if (size !== undefined) words.push(`--size ${size.join("x")}`);
  if (theme !== "light") words.push(`--theme ${theme}`);
  return [...words, `--out ${shellWord(path.resolve(out))}`].join(" ");
}

/** The language of a report: the one that is wanted, else that of its first experiment, else English. */
function languageOfReport(sources: readonly Source[], wanted: LanguageCode | null): LanguageCode {
  const experiments = sources.flatMap((source) =>
    source.kind === "experiment" ? [source.document] : [],
  );
  const other = experiments.find(({ language = "en" }) => wanted !== null && language !== wanted);
  if (other !== undefined) {
    throw usageError(
      (option) =>
        `The experiment ${other.name} was made in another language: run it again with ${option("language")} ${wanted}.`,
    );
  }
  return wanted ?? experiments[0]?.language ?? "en";
}

/** What makes a report of one experiment a lesson. */
function lessonAmong(sources: readonly Source[]): { lesson?: Lesson } {
  const [source, ...others] = sources;
  if (source?.kind !== "experiment" || others.length > 0) return {};
  const { lesson } = source.document;
  return lesson === undefined ? {} : { lesson };
}

function listed({ texts }: Language, names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const most = 6;
  const rest = distinct.length - most;
  const shown = distinct.slice(0, most).join("; ");
  return rest > 0 ? texts.overview.andMore(shown, rest) : `${shown}.`;
}

async function openSource(source: string): Promise<Source> {
  const dir = path.resolve(source);
  if (await isFile(path.join(dir, "run.json"))) {
    return {
      kind: "run",
      run: await openRun(dir),
      landscapes: await resultsOf(path.join(dir, "landscapes"), "landscape.json", openLandscape),
      curvatures: await resultsOf(path.join(dir, "curvature"), "curvature.json", openCurvature),
      certificates: await resultsOf(
        path.join(dir, "certificates"),
        "certificate.json",
        openCertificate,
      ),
    };
  }
  if (await isFile(path.join(dir, "landscape.json"))) {
    return { kind: "landscape", landscape: await openLandscape(dir) };
  }
  if (await isFile(path.join(dir, "curvature.json"))) {
    return { kind: "curvature", curvature: await openCurvature(dir) };
  }
  if (await isFile(path.join(dir, "certificate.json"))) {
    return { kind: "certificate", certificate: await openCertificate(dir) };
  }
  if (await isFile(path.join(dir, experimentFile))) {
    return { kind: "experiment", document: await readExperimentDocument(dir) };
  }
  const contents = await foundIn(dir);
  if (contents) return { kind: "folder", contents };
  if (!exists(dir)) throw failure(`There is no folder ${source}.`);
  throw failure(
    `${source} holds no run.json, landscape.json, curvature.json, certificate.json or ${experimentFile}: name the folder of a run, a landscape, a curvature, a certificate, an experiment or a demo.`,
  );
}

async function foundIn(dir: string): Promise<Contents | undefined> {
  let contents: Contents;
  try {
    contents = await contentsOf(dir);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  const { runs, landscapes, experiments } = contents;
  return runs.length + landscapes.length + experiments.length > 0 ? contents : undefined;
}

/** The complete results in a folder of a run, in the order of their names. */
async function resultsOf<Result>(
  folder: string,
  record: string,
  open: (dir: string) => Promise<Result>,
): Promise<Result[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw failure(`Could not read ${folder}: ${messageOf(error)}.`, error);
  }
  const results: Result[] = [];
  for (const name of names.toSorted()) {
    const dir = path.join(folder, name);
    // A result that is still being computed has no record yet.
    if (await isFile(path.join(dir, record))) results.push(await open(dir));
  }
  return results;
}

async function titleOf({ texts, capital }: Language, source: Source): Promise<string> {
  switch (source.kind) {
    case "run":
      return capital(await titleOfRun(texts, source.run));
    case "landscape":
      return titleOfLandscape(texts, source.landscape.record);
    case "curvature":
      return texts.curvature.name;
    case "certificate":
      return texts.certificate.name(source.certificate.record.along);
    case "experiment":
      return source.document.title;
    case "folder":
      return texts.overview.contentOf(path.basename(source.contents.dir));
  }
}

async function sectionsOf(
  language: Language,
  sources: readonly Source[],
): Promise<ReportSection[]> {
  const { texts } = language;
  const runs = sources.flatMap((source) => (source.kind === "run" ? [source.run] : []));
  const names = namesOfRuns(runs);
  const shown = { datasets: new Set<string>(), landscapes: landscapesAmong(sources) };
  const sections: ReportSection[] =
    runs.length > 1 ? [await compareRuns(language, runs, names)] : [];
  for (const [index, source] of sources.entries()) {
    const own = await sectionsOfSource(language, source, shown);
    const name =
      source.kind === "run"
        ? texts.overview.run(names[runs.indexOf(source.run)] ?? "")
        : source.kind === "landscape"
          ? texts.overview.landscape(path.basename(source.landscape.dir))
          : source.kind === "folder"
            ? texts.overview.folder(path.basename(source.contents.dir))
            : await titleOf(language, source);
    for (const section of own) {
      sections.push({
        ...section,
        ...(sources.length > 1 && { part: section.part ?? name, id: `${section.id}-${index + 1}` }),
      });
    }
  }
  return sections;
}

function isAlongPath({ kind, path: run }: Landscape["record"]): boolean {
  return kind === "plane" && run?.betas !== undefined;
}

function landscapesAmong(sources: readonly Source[]): Set<string> {
  return new Set(
    sources.flatMap((source) => (source.kind === "landscape" ? [source.landscape.dir] : [])),
  );
}

/** The sections of a source, without the datasets and landscapes that the report has already. */
async function sectionsOfSource(
  language: Language,
  source: Source,
  shown: { datasets: Set<string>; landscapes: Set<string> },
): Promise<ReportSection[]> {
  if (source.kind === "landscape") return sectionsOfLandscape(language, source.landscape);
  if (source.kind === "curvature") return sectionsOfCurvature(language, source.curvature);
  if (source.kind === "certificate") return sectionsOfCertificate(language, source.certificate);
  if (source.kind === "experiment") return source.document.sections;
  if (source.kind === "folder") return sectionsOfContents(language, source.contents);
  const { dataset } = source.run.record;
  // The first surface along the path belongs to the training; the others have sections of their own.
  const plane = source.landscapes.find(
    ({ dir, record }) => isAlongPath(record) && !shown.landscapes.has(dir),
  );
  const sections = await sectionsOfRun(language, source.run, await datasetOf(dataset), plane);
  for (const landscape of source.landscapes) {
    if (shown.landscapes.has(landscape.dir) || landscape === plane) continue;
    const name = source.landscapes.length > 1 ? ` (${path.basename(landscape.dir)})` : "";
    for (const section of await sectionsOfLandscape(language, landscape)) {
      sections.push({ ...section, name: (section.name ?? section.title) + name });
    }
  }
  for (const curvature of source.curvatures)
    sections.push(...named(await sectionsOfCurvature(language, curvature), curvature.dir));
  for (const certificate of source.certificates)
    sections.push(...named(await sectionsOfCertificate(language, certificate), certificate.dir));
  const isDescribed = shown.datasets.has(dataset.fingerprint);
  shown.datasets.add(dataset.fingerprint);
  return isDescribed ? sections.filter((section) => section.id !== "dataset") : sections;
}

/** Sections with the name of their folder in their ids. */
function named(sections: readonly ReportSection[], dir: string): ReportSection[] {
  const name = path
    .basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  return sections.map((section) => ({ ...section, id: `${section.id}-${name}` }));
}
