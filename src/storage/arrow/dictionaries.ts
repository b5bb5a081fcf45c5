import { prepareCompression } from "../format/compression.js";
import type { DecodedColumn } from "../format/table-file.js";
import type { RandomAccessFile } from "../format/types.js";
import { decodeSpan, readField } from "./field-values.js";
import type { Dictionaries } from "./layout.js";
import { readRecordBatch } from "./record-batch.js";
import type { ArrowField } from "./schema.js";

/** The numbers of a field's dictionary. Those that were read last stay in memory. */
export type DictionaryValues = (
  file: RandomAccessFile,
  dictionaries: Dictionaries,
  field: ArrowField,
) => Promise<DecodedColumn>;

export function createDictionaryCache(): DictionaryValues {
  const known = new Map<number, { of: Dictionaries; values: DecodedColumn }>();
  return async (file, dictionaries, field) => {
    const { id } = field.dictionary!;
    const before = known.get(id);
    if (before?.of === dictionaries) return before.values;
    const values = await readDictionary(file, dictionaries, field);
    known.set(id, { of: dictionaries, values });
    return values;
  };
}

/** Reads all values of a dictionary, one part after the other. */
async function readDictionary(
  file: RandomAccessFile,
  dictionaries: Dictionaries,
  field: ArrowField,
): Promise<DecodedColumn> {
  // Its record batch has one column.
  const alone = { ...field, dictionary: undefined, validity: 0, values: 1, viewsBefore: 0 };
  const parts: DecodedColumn[] = [];
  for (const location of dictionaries.get(field.dictionary!.id) ?? []) {
    const batch = readRecordBatch(file, location, "dictionary");
    if (batch.codec === "ZSTD") await prepareCompression("zstd");
    const bytes = readField(file, batch, alone, 0, batch.rows);
    parts.push(decodeSpan(bytes, { field: alone, item: 0, count: 1 }, batch.rows)[0]!);
  }
  if (parts.length === 0) throw new Error("its dictionary is missing");
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, { values }) => sum + values.length, 0);
  const all = {
    values: new Float64Array(rows),
    residuals: new Float64Array(rows),
    missing: new Uint8Array(rows),
  };
  let at = 0;
  for (const { values, residuals, missing } of parts) {
    all.values.set(values, at);
    if (residuals !== undefined) all.residuals.set(residuals, at);
    if (missing !== undefined) all.missing.set(missing, at);
    at += values.length;
  }
  return all;
}

/** The numbers at some indices of a dictionary. */
export function lookUp(indices: DecodedColumn, dictionary: DecodedColumn): DecodedColumn {
  const { values: numbers, residuals: rests } = dictionary;
  const rows = indices.values.length;
  const values = new Float64Array(rows);
  const missing = new Uint8Array(rows);
  const residuals = rests === undefined ? undefined : new Float64Array(rows);
  let isMissing = false;
  for (let row = 0; row < rows; row++) {
    const index = indices.values[row]!;
    const value = indices.missing?.[row] === 1 ? Number.NaN : numbers[index];
    if (value === undefined) {
      throw new Error(`it has index ${index}, and its dictionary has ${numbers.length} values`);
    }
    values[row] = value;
    if (residuals !== undefined) residuals[row] = rests![index] ?? 0;
    // A value may be NaN without being missing; both are invalid.
    if (Number.isNaN(value)) {
      const isNull = indices.missing?.[row] === 1 || dictionary.missing?.[index] === 1;
      missing[row] = isNull ? 1 : 0;
      isMissing ||= isNull;
    }
  }
  return { values, ...(residuals && { residuals }), ...(isMissing && { missing }) };
}
