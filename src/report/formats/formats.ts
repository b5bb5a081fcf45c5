import type { ReportFormat } from "../options.js";
import path from "node:path";
import { usageError } from "../../common/errors.js";
import { parquetWriteBuffer } from "hyparquet-writer";
import { inNewFolder } from "../../files/folders.js";
import { writeFileAtomic } from "../../files/atomic.js";
import type { FactTable, Figure } from "../figures/figure.js";
import type { ReportDocument } from "../page/html.js";
import { commandFrom, pathFrom, sectionsFrom } from "../page/paths.js";
import { imagesOf, type ImageOptions } from "./images.js";
import { checkReplaceFile, checkReplaceFolder, CONTENTS_FILE, JSON_MARK } from "./replace.js";
import { tableColumns, toCsv, type Columns } from "./tables.js";
import { writeReport } from "./write.js";
import { outputPath } from "../../files/output-path.js";

/** `html` and `json` are one file; the others are a folder with a file for each figure (and table, if they are data). */

/** The path of a report if `out` is not given. */
export function defaultReportPath(format: ReportFormat): string {
  return format === "html" || format === "json" ? `report.${format}` : `report-${format}`;
}

/** What the formats are written with. */
export interface FormatOptions extends Pick<ImageOptions, "theme" | "size"> {
  force: boolean;
  /** The id of the only figure or table to write. */
  figure: string | null;
}

/** Writes a report in a format and returns its absolute path. */
export async function writeFormat(
  format: ReportFormat,
  out: string,
  document: ReportDocument,
  options: FormatOptions,
): Promise<string> {
  const { figure } = options;
  if (format === "html" || format === "json") {
    if (figure !== null) {
      throw usageError(
        (option) =>
          `${option("figure")} goes with ${option("format")} png, svg, csv or parquet, not ${format}.`,
      );
    }
  }
  if (format === "html") return writeReport(out, document);
  const target = outputPath(out);
  const local = documentFrom(format === "json" ? path.dirname(target) : target, document);
  return writeLocal(format, target, figure === null ? local : only(local, figure), options);
}

/** A document with one of its figures or tables alone. Throws a usage error that names those there are. */
function only(document: ReportDocument, id: string): ReportDocument {
  const sections = document.sections
    .map((section) => ({ ...section, blocks: section.blocks.filter((block) => block.id === id) }))
    .filter(({ blocks }) => blocks.length > 0);
  if (sections.length > 0) return { ...document, sections };
  const known = document.sections.flatMap(({ blocks }) => blocks.map((block) => block.id));
  throw usageError(
    (option) =>
      `${option("figure")} ${id} is not in this report, which has ${[...new Set(known)].join(", ")}.`,
  );
}

/** A document whose paths are seen from the folder in which it is written. */
function documentFrom(folder: string, document: ReportDocument): ReportDocument {
  const { command, sections } = document;
  return {
    ...document,
    ...(command !== undefined && { command: commandFrom(folder, command) }),
    sections: sectionsFrom(folder, sections).map((section) => ({
      ...section,
      blocks: section.blocks.map((block) =>
        block.data === undefined
          ? block
          : {
              ...block,
              data: block.data.map(({ file, what }) => ({ file: pathFrom(folder, file), what })),
            },
      ),
    })),
  };
}

async function writeLocal(
  format: Exclude<ReportFormat, "html">,
  out: string,
  document: ReportDocument,
  { force, theme, size }: FormatOptions,
): Promise<string> {
  switch (format) {
    case "json":
      return writeJson(out, document, force);
    case "csv":
    case "parquet":
      return writeFolder(out, document, force, async (blocks) =>
        blocks.map((block) => {
          const columns = tableColumns(block);
          const content = format === "csv" ? toCsv(columns) : toParquet(columns);
          return { block, content, extension: format };
        }),
      );
    case "png":
    case "svg":
      return writeFolder(out, document, force, async (blocks) => {
        const figures = blocks.filter((block): block is Figure => block.kind !== "table");
        const images = await imagesOf(figures, { format, theme, size });
        return figures.map((block, index) => ({
          block,
          content: images[index] ?? "",
          extension: format,
        }));
      });
  }
}

/** The document with all its numbers. Typed arrays become lists, NaN and infinities null. */
function toJson(document: ReportDocument): string {
  return JSON.stringify({ format: JSON_MARK, formatVersion: 1, ...document }, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
  );
}

async function writeJson(out: string, document: ReportDocument, force: boolean): Promise<string> {
  await checkReplaceFile(out, force);
  await inFolder(path.dirname(out), () => writeFileAtomic(out, `${toJson(document)}\n`));
  return out;
}

function inFolder(folder: string, use: () => Promise<void>): Promise<void> {
  return inNewFolder(folder, (reason) => `Could not create the folder ${folder}: ${reason}.`, use);
}

interface OutputFile {
  block: Figure | FactTable;
  content: string | Uint8Array;
  extension: string;
}

/** Writes a file for each block and, last, report.json, which lists them. */
async function writeFolder(
  out: string,
  document: ReportDocument,
  force: boolean,
  make: (blocks: (Figure | FactTable)[]) => Promise<OutputFile[]>,
): Promise<string> {
  const folder = outputPath(out);
  await inFolder(folder, () => fillFolder(folder, document, force, make));
  return folder;
}

async function fillFolder(
  folder: string,
  document: ReportDocument,
  force: boolean,
  make: (blocks: (Figure | FactTable)[]) => Promise<OutputFile[]>,
): Promise<void> {
  await checkReplaceFolder(folder, force);
  const made = await make(document.sections.flatMap(({ blocks }) => blocks));
  const width = String(made.length).length;
  const files = [];
  for (const [index, { block, content, extension }] of made.entries()) {
    const name = block.id.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
    const file = `${String(index + 1).padStart(width, "0")}-${name}.${extension}`;
    await writeFileAtomic(path.join(folder, file), content);
    files.push({ file, title: block.title, ...(block.caption && { caption: block.caption }) });
  }
  const { title, subtitle, command } = document;
  const list = { format: JSON_MARK, formatVersion: 1, title, subtitle, command, files };
  await writeFileAtomic(path.join(folder, CONTENTS_FILE), `${JSON.stringify(list)}\n`);
}

function toParquet({ names, values }: Columns): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: names.map((name, index) => {
      const column = values[index] ?? [];
      return column.every((value) => typeof value === "number")
        ? { name, data: Float64Array.from(column), type: "DOUBLE" as const }
        : { name, data: column.map(String), type: "STRING" as const };
    }),
  });
  return new Uint8Array(buffer);
}
