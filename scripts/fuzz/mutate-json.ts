import type { Chance } from "../soak/chance.js";

/** A text that becomes these letters in a JSON file, which JSON.stringify could not write. */
const RAW = "\u0001raw:";

/** Values that no field expects, or that look nearly right. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  -0.5,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 60,
  1e-308,
  1e308,
  `${RAW}-0`,
  `${RAW}1e999`,
  `${RAW}9007199254740993`,
  `${RAW}1${"0".repeat(400)}`,
  "",
  " ",
  "0",
  "nan",
  "none",
  "../../../../etc/passwd",
  "/etc/passwd",
  "..\\..\\x",
  "a\u0000b",
  "\u001b[31m",
  "</script><script>alert(1)</script>",
  "\ud800",
  "__proto__",
  "constructor",
  "x".repeat(5000),
  [],
  {},
  [null],
  [[]],
  { length: 2 ** 32 },
  { toString: 1, valueOf: 1 },
];

/** One of the values, a copy: what is put into a document is changed further. */
function valueOf(chance: Chance): unknown {
  return structuredClone(chance.one(VALUES.map((value) => [value])))[0];
}

/** Keys that every object has already, and others. */
const KEYS = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", "then", "", "0"];

type Holder = Record<string, unknown> | unknown[];

/** Every object and list of a value. */
function holdersIn(value: unknown): Holder[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Holder;
  return [holder, ...Object.values(holder).flatMap(holdersIn)];
}

/** Sets a key of its own, also one that every object inherits. */
function put(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** A number near another: where loops and lengths end. */
function near(value: number, chance: Chance): number {
  return chance.one([value + 1, value - 1, -value, value * 2, value / 2, value * 1e6, value + 0.5]);
}

function changeOne(root: Holder, chance: Chance): void {
  const holder = chance.one(holdersIn(root));
  const keys = Object.keys(holder);
  const how = chance.one(["value", "value", "near", "remove", "add", "swap", "rename", "wrap"]);
  if (keys.length === 0 || how === "add") {
    if (Array.isArray(holder)) {
      const count = chance.one([1, 1, 3, 2000]);
      const item = chance.one([valueOf(chance), holder[0] ?? null]);
      for (let added = 0; added < count; added++) holder.push(structuredClone(item));
    } else put(holder, chance.one(KEYS), valueOf(chance));
    return;
  }
  const key = chance.one(keys);
  const value = (holder as Record<string, unknown>)[key];
  if (how === "remove") {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if (how === "swap") {
    const other = chance.one(keys);
    put(holder, key, (holder as Record<string, unknown>)[other]);
    put(holder, other, value);
  } else if (how === "rename" && !Array.isArray(holder)) {
    delete holder[key];
    put(holder, chance.one(KEYS), value);
  } else if (how === "wrap") put(holder, key, chance.one([[value], { [key]: value }]));
  else if (how === "near" && typeof value === "number") put(holder, key, near(value, chance));
  else put(holder, key, valueOf(chance));
}

/** Changes values and keys of a JSON value, which is left as it is. Returns the text. */
export function mutateJson(value: unknown, chance: Chance): string {
  const changed = structuredClone(value);
  if (typeof changed !== "object" || changed === null || chance.fraction() < 0.01) {
    return textOf(valueOf(chance));
  }
  for (let times = chance.one([1, 1, 1, 2, 4]); times > 0; times--) {
    changeOne(changed as Holder, chance);
  }
  return textOf(changed);
}

function textOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"\\u0001raw:([^"]*)"/g, "$1");
}
