import { exceedsFloat64, type NumberType, type Table, type TypedColumn } from "../storage/index.js";
import type { Float64Options, SourceColumns } from "./types.js";
import { float64Rows } from "./float64-rows.js";

const ARRAYS = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/**
 * The rows of a table in file order, each column in its own type and exactly as the source has it;
 * 64-bit integers beyond 2⁵³ too, whose low digits a second pass reads.
 *
 * @param types the columns' types, the target's last
 * @yields `batchSize` rows at a time
 * @throws as `float64Rows`
 */
export async function* sourceColumns(
  table: Table,
  types: readonly NumberType[],
  options: Omit<Float64Options, "standardize">,
): AsyncGenerator<SourceColumns, void, void> {
  const residuals = types.some(exceedsFloat64)
    ? float64Rows(residualTable(table), options)
    : undefined;
  try {
    for await (const { x, y, rows } of float64Rows(table, options)) {
      const rest = (await residuals?.next())?.value ?? undefined;
      const features = types.length - 1;
      const columns = types.map((type, column) => {
        const isTarget = column === features;
        const stride = isTarget ? 1 : features;
        const values = isTarget ? y : x.subarray(column);
        const added = isTarget ? rest?.y : rest?.x.subarray(column);
        return columnOf(type, rows, stride, values, added);
      });
      yield { columns, x, rows };
    }
  } finally {
    await residuals?.return();
  }
}

/** The table whose readers give, instead of the values, what rounding to float64 took from them. */
function residualTable(table: Table): Table {
  const shards = table.shards.map((shard) => ({
    ...shard,
    ...(shard.foreign && { foreign: { ...shard.foreign, residuals: true } }),
  }));
  return { ...table, shards };
}

function columnOf(
  type: NumberType,
  rows: number,
  stride: number,
  values: Float64Array,
  residuals: Float64Array | undefined,
): TypedColumn {
  const column = new ARRAYS[type](rows);
  for (let row = 0, at = 0; row < rows; row++, at += stride) {
    column[row] = exceedsFloat64(type)
      ? BigInt(values[at]!) + BigInt(residuals?.[at] ?? 0)
      : values[at]!;
  }
  return column;
}
