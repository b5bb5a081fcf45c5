import { literal, type Database } from "./database.js";

/** A node of a parsed query, as DuckDB writes it in JSON. */
type Node = Record<string, unknown>;

/** A query for files that lack some of its columns. */
export interface ReducedQuery {
  query: string;
  /** The columns of its result that the files cannot give; they are null. */
  missing: string[];
}

/**
 * A query without its conditions on columns that the files lack, so that rows without a target are not left out by
 * `WHERE fare > 0`. Only plain queries over the view `source`, perhaps within one another, are changed.
 *
 * @param absent names of the columns that are null in the view
 */
export async function withoutColumns(
  database: Database,
  query: string,
  absent: readonly string[],
): Promise<ReducedQuery> {
  const [row] = await database.rows(`SELECT json_serialize_sql(${literal(query)}) AS j`);
  // Unknown places are written as the largest 64-bit integer, which JavaScript's numbers do not hold.
  const text = String(row?.["j"]).replaceAll(/"query_location":\d+/g, '"query_location":0');
  const parsed = JSON.parse(text) as { statements?: { node: Node }[] };
  const node = parsed.statements?.[0]?.node;
  if (node === undefined) return { query, missing: [] };
  const missing = reduce(node, new Set(absent.map((name) => name.toLowerCase())));
  const [written] = await database.rows(
    `SELECT json_deserialize_sql(${literal(JSON.stringify(parsed))}) AS q`,
  );
  return { query: String(written?.["q"]).replace(/;\s*$/, ""), missing: [...missing] };
}

/** Removes conditions from a query, and returns the columns of its result that are null. */
function reduce(node: Node, absent: ReadonlySet<string>): Set<string> {
  const from = node["from_table"] as Node | undefined;
  if (node["type"] !== "SELECT_NODE" || from === undefined) return new Set();
  const inner = (from["subquery"] as { node: Node } | undefined)?.node;
  const known = inner === undefined ? absent : reduce(inner, absent);
  const uses = (part: unknown): boolean => namesIn(part).some((name) => known.has(name));
  const condition = node["where_clause"] as Node | null;
  if (condition !== null) node["where_clause"] = conditionWithout(condition, uses);
  const missing = new Set<string>();
  for (const item of node["select_list"] as Node[]) {
    if (item["class"] === "STAR") for (const name of known) missing.add(name);
    else if (uses(item)) {
      const names = namesIn(item);
      missing.add(String(item["alias"] || names.at(-1)).toLowerCase());
    }
  }
  return missing;
}

function conditionWithout(condition: Node, uses: (part: unknown) => boolean): Node | null {
  if (!uses(condition)) return condition;
  if (condition["type"] !== "CONJUNCTION_AND") return null;
  const children = (condition["children"] as Node[])
    .map((child) => conditionWithout(child, uses))
    .filter((child) => child !== null);
  if (children.length < 2) return children[0] ?? null;
  return { ...condition, children };
}

/** The columns that are named in a part of a query. */
function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (typeof part !== "object" || part === null) return [];
  const node = part as Node;
  if (node["class"] === "COLUMN_REF") {
    return [String((node["column_names"] as string[]).at(-1)).toLowerCase()];
  }
  return Object.values(node).flatMap(namesIn);
}
