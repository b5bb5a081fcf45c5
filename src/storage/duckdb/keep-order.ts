import type { Database } from "./database.js";

/** Operators of DuckDB whose rows keep the order of the files on any number of threads. */
const ORDERED =
  /^(?:PROJECTION|FILTER|LIMIT|STREAMING_LIMIT|[A-Z_ ]*SCAN|READ_[A-Z_]+|EMPTY_RESULT)$/;
/** Functions whose values differ from call to call. */
const RANDOM = /\b(?:random|uuid|gen_random_uuid)\s*\(/i;

/**
 * Makes the rows of a query, and their order, the same on any number of threads: a query that joins, groups,
 * sorts or draws random numbers runs on one thread, with a fixed seed.
 */
export async function keepOrder(database: Database, query: string): Promise<void> {
  const [row] = await database.rows(`EXPLAIN (FORMAT json) ${query}`);
  const operators = [...String(row?.["explain_value"]).matchAll(/"name":\s*"([^"]*)"/g)];
  const isOrdered = operators.every(([, name = ""]) => ORDERED.test(name.trim()));
  if (isOrdered && !RANDOM.test(query)) return;
  await database.run("SET threads = 1");
  await database.run("SELECT setseed(0.5)");
}
