import { z } from "zod/mini";
import type { FilledOptions, Options } from "./options.js";

/**
 * The schema of options in a record: each as it was used, null where an option has no default value
 * and was not given. Records of earlier versions lack later options; they get the default.
 */
export function recordedSchema<const Table extends Options>(
  table: Table,
): z.ZodMiniObject<{ [Name in keyof Table]: z.ZodMiniType<FilledOptions<Table>[Name]> }> {
  const entries = Object.entries(table).map(([name, { kind, default: value, required }]) => {
    const schema = z.custom((given) => kind.schema.safeParse(given).success, {
      error: `must be ${kind.expected}`,
    });
    if (required === true) return [name, schema];
    return [
      name,
      value === undefined ? z._default(z.nullable(schema), null) : z._default(schema, value),
    ];
  });
  return z.object(Object.fromEntries(entries)) as never;
}
