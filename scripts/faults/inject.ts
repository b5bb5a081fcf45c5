import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { EVENTS, MODES, MODES_OF, type Event, type Kind, type Mode } from "./modes.js";
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";

/*
 * Loaded before a program (`node --import`): lets the k-th operation on files below a folder fail, in whichever
 * thread. It replaces the functions of `node:fs` and `node:fs/promises`, so that what runs is the program as it is.
 */

/** Counters that all threads of the process share: operations so far, the one that fails, how, and whether it has. */
const DATA = "vadi faults";
const [COUNT, TARGET, MODE, HIT] = [0, 1, 2, 3];

function sharedCounters(): Int32Array {
  const known = getEnvironmentData(DATA) as SharedArrayBuffer | undefined;
  if (known !== undefined) return new Int32Array(known);
  const made = new SharedArrayBuffer(16);
  if (isMainThread) setEnvironmentData(DATA, made);
  return new Int32Array(made);
}

/** Operations after the first signal after which the second is sent. */
const SECOND = 2;

const counters = sharedCounters();
/** Operations on files elsewhere are not counted. */
const root = process.env["FAULTS_ROOT"] ?? "";
const log = process.env["FAULTS_LOG"];
const original = { ...fs };

const ALL: readonly (Mode | Event)[] = [...MODES, ...EVENTS];

/** Lets operation `at` fail, counted from 1 and from now on; 0: none. */
export function arm(at: number, mode: Mode | Event): void {
  counters[MODE] = ALL.indexOf(mode);
  counters[HIT] = 0;
  counters[TARGET] = at;
  Atomics.store(counters, COUNT!, 0);
}

/** How many operations there were since the last call of `arm`, and whether one has failed. */
export function counted(): { operations: number; hit: boolean } {
  return { operations: counters[COUNT!]!, hit: counters[HIT!] === 1 };
}

function isInside(file: unknown): file is string {
  if (typeof file !== "string" && !(file instanceof URL)) return false;
  const name = file instanceof URL ? file.pathname : path.resolve(file);
  return root !== "" && (name === root || name.startsWith(`${root}${path.sep}`));
}

/** Counts an operation. Returns how it fails; undefined where it does not. */
function count(name: string, kind: Kind, file: string): Mode | undefined {
  const number = Atomics.add(counters, COUNT!, 1) + 1;
  if (log !== undefined) {
    original.appendFileSync(log, `${number} ${kind} ${name} ${path.relative(root, file)}\n`);
  }
  const past = number - counters[TARGET!]!;
  const mode = ALL[counters[MODE!]!]!;
  // As a person who presses Ctrl-C twice.
  if (past === SECOND && mode === "SIGINT twice") process.kill(process.pid, "SIGINT");
  if (past !== 0) return undefined;
  if (isEvent(mode)) {
    counters[HIT!] = 1;
    if (mode !== "clock") process.kill(process.pid, mode === "SIGTERM" ? "SIGTERM" : "SIGINT");
    return undefined;
  }
  if (!MODES_OF[kind].includes(mode)) return undefined;
  counters[HIT!] = 1;
  return mode;
}

function isEvent(mode: Mode | Event): mode is Event {
  return EVENTS.some((event) => event === mode);
}

/** Lets the clock jump by some hours at the operation that is armed. */
function shiftClock(hours: number): void {
  const RealDate = Date;
  const now = (): number =>
    RealDate.now() + (counters[HIT!] === 1 ? Math.round(hours * 3_600_000) : 0);
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string | Date]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }
    static override now(): number {
      return now();
    }
  } as DateConstructor;
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal takes a moment to arrive.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

function systemError(code: string, name: string, file: string): Error {
  const words = { ENOSPC: "no space left on device", EIO: "i/o error" }[code];
  const message = `${code}: ${words}, ${name.replace(/Sync$/, "")} '${file}'`;
  return Object.assign(new Error(message), { code, syscall: name, path: file });
}

type Call = (this: unknown, ...given: unknown[]) => unknown;

/** The files of descriptors below the folder. */
const files = new Map<number, string>();

function half(given: readonly unknown[]): { bytes: Buffer; position: unknown } | undefined {
  const [data, offset, length, position] = given;
  const all =
    typeof data === "string"
      ? Buffer.from(data)
      : ArrayBuffer.isView(data)
        ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
        : undefined;
  if (all === undefined) return undefined;
  const from = typeof offset === "number" ? offset : 0;
  const size = typeof length === "number" ? length : all.length - from;
  const bytes = all.subarray(from, from + Math.floor(size / 2));
  return bytes.length === 0 ? undefined : { bytes, position: position ?? null };
}

/** An operation in its three forms: with a result, a callback, or a promise. */
type Form = "sync" | "callback" | "promise";

/**
 * Runs an operation, or lets it fail.
 *
 * @param short does half of it; undefined where it cannot be halved
 */
function run(
  form: Form,
  mode: Mode,
  { name, file }: { name: string; file: string },
  given: readonly unknown[],
  whole: (given: readonly unknown[]) => unknown,
  short: (() => unknown) | undefined,
): unknown {
  if (mode === "before") die();
  if (mode === "short") return short === undefined ? whole(given) : short();
  if (mode === "after") {
    if (form === "promise") return (whole(given) as Promise<unknown>).finally(die);
    if (form === "callback") return whole([...given.slice(0, -1), die]);
    whole(given);
    die();
  }
  const error = systemError(mode, name, file);
  if (form === "sync") throw error;
  if (form === "promise") return Promise.reject(error);
  process.nextTick(given.at(-1) as Call, error);
  return undefined;
}

/** Operations on names: their kinds. `open` depends on its flags. */
const NAMED: Readonly<Record<string, Kind | "open">> = {
  open: "open",
  readFile: "read",
  stat: "read",
  lstat: "read",
  readdir: "read",
  readlink: "read",
  realpath: "read",
  access: "read",
  statfs: "read",
  mkdir: "create",
  mkdtemp: "create",
  rename: "create",
  link: "create",
  symlink: "create",
  copyFile: "create",
  cp: "create",
  writeFile: "write",
  appendFile: "write",
  truncate: "write",
  rm: "remove",
  rmdir: "remove",
  unlink: "remove",
};

const TWO_NAMES: ReadonlySet<string> = new Set(["rename", "link", "symlink", "copyFile", "cp"]);

/** Operations on descriptors. */
const OPENED: Readonly<Record<string, Kind>> = {
  read: "read",
  fstat: "read",
  write: "write",
  writev: "write",
  ftruncate: "write",
  fsync: "sync",
  fdatasync: "sync",
};

/** Operations on file handles. */
const HANDLED: Readonly<Record<string, Kind>> = {
  read: "read",
  readFile: "read",
  stat: "read",
  write: "write",
  writev: "write",
  writeFile: "write",
  appendFile: "write",
  truncate: "write",
  sync: "sync",
  datasync: "sync",
};

function kindOf(kind: Kind | "open", flags: unknown): Kind {
  if (kind !== "open") return kind;
  const writes = typeof flags === "number" ? (flags & 3) !== 0 : /[wa+]/.test(String(flags ?? "r"));
  return writes ? "create" : "read";
}

function replaceNamed(holder: Record<string, Call>, name: string, form: Form): void {
  const base = name.replace(/Sync$/, "");
  const call = holder[name];
  if (call === undefined) return;
  const kindWanted = NAMED[base]!;
  const remember = (file: string, result: unknown): unknown => {
    const descriptor = typeof result === "number" ? result : (result as { fd?: number } | null)?.fd;
    if (base === "open" && descriptor !== undefined) files.set(descriptor, file);
    return result;
  };
  holder[name] = function replaced(...given) {
    const isDescriptor = typeof given[0] === "number";
    const file = isDescriptor ? files.get(given[0] as number) : given[0];
    // Of a move or a copy, either end may be in the folder.
    const other = TWO_NAMES.has(base) ? given[1] : undefined;
    const counts = isInside(file) ? file : isInside(other) ? other : undefined;
    const whole = (words: readonly unknown[]): unknown => call.apply(this, [...words]);
    if (counts === undefined) {
      // Descriptors are used again for other files.
      const result = whole(given);
      if (base === "open" && form === "sync") files.delete(result as number);
      return result;
    }
    const kind = kindOf(kindWanted, given[1]);
    const mode = count(name, kind, counts);
    const opening = (): unknown => {
      if (base !== "open") return whole(given);
      if (form === "sync") return remember(counts, whole(given));
      if (form === "promise") {
        return (whole(given) as Promise<unknown>).then((result) => remember(counts, result));
      }
      const done = given.at(-1) as Call;
      return whole([
        ...given.slice(0, -1),
        (error: unknown, result: unknown) => done(error, remember(counts, result)),
      ]);
    };
    if (mode === undefined) return opening();
    const part = base === "writeFile" || base === "appendFile" ? half([given[1]]) : undefined;
    // A full disk: what fits is written.
    const short =
      part === undefined
        ? undefined
        : () => {
            const rest = given.slice(2);
            const error = systemError("ENOSPC", name, counts);
            if (form === "sync") {
              call.apply(this, [given[0], part.bytes, ...rest]);
              throw error;
            }
            const written = original[`${base}Sync` as "writeFileSync"] as unknown as Call;
            written.apply(fs, [given[0], part.bytes]);
            if (form === "promise") return Promise.reject(error);
            process.nextTick(given.at(-1) as Call, error);
            return undefined;
          };
    return run(form, mode, { name, file: counts }, given, whole, short);
  };
}

function replaceOpened(holder: Record<string, Call>, name: string, form: Form): void {
  const base = name.replace(/Sync$/, "");
  const call = holder[name];
  if (call === undefined) return;
  holder[name] = function replaced(...given) {
    const file = files.get(given[0] as number);
    const whole = (words: readonly unknown[]): unknown => call.apply(this, [...words]);
    if (file === undefined) return whole(given);
    const mode = count(name, OPENED[base]!, file);
    if (mode === undefined) return whole(given);
    const words = form === "callback" ? given.slice(1, -1) : given.slice(1);
    const part = base === "write" ? half(words) : undefined;
    const short =
      part &&
      (() => {
        const few = [given[0], part.bytes, 0, part.bytes.length, part.position];
        return whole(form === "callback" ? [...few, given.at(-1)] : few);
      });
    return run(form, mode, { name, file }, given, whole, short);
  };
}

function replaceHandled(prototype: Record<string, Call>, name: string): void {
  const call = prototype[name];
  if (call === undefined) return;
  prototype[name] = function replaced(this: { fd: number }, ...given) {
    const file = files.get(this.fd);
    const whole = (words: readonly unknown[]): unknown => call.apply(this, [...words]);
    if (file === undefined) return whole(given);
    const mode = count(`handle.${name}`, HANDLED[name]!, file);
    if (mode === undefined) return whole(given);
    const part = ["write", "writeFile", "appendFile"].includes(name) ? half(given) : undefined;
    const short =
      part &&
      (async () => {
        if (name === "write") return whole([part.bytes, 0, part.bytes.length, part.position]);
        await whole([part.bytes]);
        throw systemError("ENOSPC", name, file);
      });
    return run("promise", mode, { name, file }, given, whole, short);
  } as Call;
}

const plain = fs as unknown as Record<string, Call>;
const promised = fs.promises as unknown as Record<string, Call>;

// Before anything is replaced: where the methods of file handles are.
const handle = await fs.promises.open(process.execPath, "r");
const prototype = Object.getPrototypeOf(handle) as Record<string, Call>;
await handle.close();

for (const name of Object.keys(NAMED)) {
  replaceNamed(plain, `${name}Sync`, "sync");
  replaceNamed(plain, name, "callback");
  replaceNamed(promised, name, "promise");
}
// A file that cannot be examined does not exist, it says.
const existsSync = plain["existsSync"]!;
plain["existsSync"] = function replaced(...given) {
  const isHit = isInside(given[0]) && count("existsSync", "read", given[0]) !== undefined;
  return !isHit && existsSync.apply(this, given);
};
for (const name of Object.keys(OPENED)) {
  replaceOpened(plain, `${name}Sync`, "sync");
  replaceOpened(plain, name, "callback");
}
for (const name of Object.keys(HANDLED)) replaceHandled(prototype, name);
for (const name of ["close", "closeSync"]) {
  const call = plain[name]!;
  plain[name] = function replaced(...given) {
    files.delete(given[0] as number);
    return call.apply(this, given);
  };
}
const closeHandle = prototype["close"]!;
prototype["close"] = function replaced(this: { fd: number }, ...given) {
  files.delete(this.fd);
  return closeHandle.apply(this, given);
} as Call;
syncBuiltinESMExports();

// A program that knows nothing of this is armed by its environment.
const given = process.env["FAULTS_AT"];
if (given !== undefined) {
  const mode = process.env["FAULTS_MODE"] as Mode | Event;
  if (isMainThread) arm(Number(given), mode);
  if (mode === "clock") shiftClock(Number(process.env["FAULTS_HOURS"]));
}
