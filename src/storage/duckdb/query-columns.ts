import { failure, usageError } from "../../common/errors.js";
import type { Database } from "./database.js";
import type { SqlColumn } from "./types.js";

/** DuckDB's number of SELECT among its types of statements. */
const SELECT = 1;

/**
 * The columns that a query has.
 *
 * @throws a failure in DuckDB's words for wrong SQL; a usage error where it is no single query, or has two
 *   columns of one name
 */
export async function queryColumns(database: Database, query: string): Promise<SqlColumn[]> {
  const statement = await database.attempt(() => database.connection.prepare(query));
  try {
    if (Number(statement.statementType) !== SELECT || statement.parameterCount > 0) {
      throw usageError((option) => `${option("query")} must be one SELECT over the view source.`);
    }
    const columns = Array.from({ length: statement.columnCount }, (_, at) => ({
      name: statement.columnName(at),
      type: String(statement.columnType(at)),
    }));
    const names = columns.map(({ name }) => name.toLowerCase());
    const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
    if (twice >= 0) {
      throw failure(
        (option) =>
          `The query has two columns ${columns[twice]!.name}; give one of them another name with AS in ${option("query")}.`,
      );
    }
    return columns;
  } finally {
    statement.destroySync();
  }
}

/** A query without the semicolon and the spaces behind it, so that it can stand in parentheses. */
export function withoutSemicolon(query: string): string {
  return query.trim().replace(/[;\s]+$/, "");
}
