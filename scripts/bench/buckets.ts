import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { usageError } from "../../src/common/errors.js";
import { formatCount } from "../../src/common/text/numbers.js";
import { formatBytes } from "../../src/common/text/sizes.js";
import { startStore } from "../cluster/store.js";
import { describeMachine, machineFacts } from "./machine.js";
import { measure, median, runProgram, type Entrant, type Measurement } from "./measure.js";
import { atLeastOne, COMMON, MAIN, note, readCommon } from "./options.js";
import { startSlowProxy } from "./peers/slow-proxy.js";
import { columns, ratioTable, type Ratio } from "./tables.js";

/*
 * Training from a bucket beside training from local files: with all shards in the cache, with none, and with none
 * and a slow store, beside curl of the same bytes. The store is versitygw on loopback, which shares the cores.
 */

const FEATURES = 10;
const MODELS = ["linear", "mlp:40,20"] as const;
type Model = (typeof MODELS)[number];

/** Connections of curl, as many as vadi has downloads. */
const AT_ONCE = 6;

/** What takes part for each model, and curl twice. */
const NAMES = {
  local: (model: Model): string => `${model}: local files`,
  warm: (model: Model): string => `${model}: bucket, all shards in the cache`,
  cold: (model: Model): string => `${model}: bucket, empty cache, one epoch`,
  slow: (model: Model): string => `${model}: slow bucket, empty cache, one epoch`,
  curl: "curl of all shards",
  slowCurl: "curl of all shards, slow bucket",
};

/** Epochs of a run that is not bound by the store. */
const EPOCHS: Readonly<Record<Model, number>> = { linear: 10, "mlp:40,20": 3 };

interface Given {
  rows: number;
  place: string;
  /** The address of the store behind a slow line. */
  slow: string;
  /** The dataset, on disk and in the bucket. */
  local: string;
  url: string;
  cache: string;
}

function trainings(model: Model, given: Given): Entrant[] {
  const { rows, place, local, url, cache, slow } = given;
  const train = (
    source: string,
    epochs: number,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): ((out: string) => ReturnType<typeof runProgram>) => {
    const common = ["--shuffle", "buffer", "--learning-rate", "1e-4", "--json", "--quiet"];
    return (out) => {
      const run = ["train", source, "--out", out, "--model", model, "--epochs", String(epochs)];
      return runProgram(process.execPath, [MAIN, ...run, ...common, ...words], environment);
    };
  };
  const cold = (environment?: Readonly<Record<string, string>>) => async (out: string) => {
    const own = path.join(place, "cold");
    await rm(own, { recursive: true, force: true });
    return train(url, 1, ["--cache", own], environment)(out);
  };
  const epochs = EPOCHS[model];
  return [
    { name: NAMES.local(model), rows: epochs * rows, run: train(local, epochs, []) },
    { name: NAMES.warm(model), rows: epochs * rows, run: train(url, epochs, ["--cache", cache]) },
    { name: NAMES.cold(model), rows, run: cold() },
    { name: NAMES.slow(model), rows, run: cold({ AWS_ENDPOINT_URL: slow }) },
  ];
}

/** Reads all shards without keeping them. */
function curl(name: string, endpoint: string, shards: readonly string[], rows: number): Entrant {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  const signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${id}:${secret}`];
  signed.push("--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD");
  const parallel = ["--parallel", "--parallel-max", String(AT_ONCE), "--parallel-immediate"];
  const files = shards.flatMap((shard) => ["--output", "/dev/null", `${endpoint}/${shard}`]);
  return {
    name,
    rows,
    async run() {
      const started = performance.now();
      const words = ["--silent", "--show-error", "--fail", ...signed, ...parallel, ...files];
      await promisify(execFile)("curl", words);
      return { seconds: (performance.now() - started) / 1000, peakRssBytes: 0 };
    },
  };
}

function share(value: unknown): string {
  return typeof value === "number" ? `${(100 * value).toFixed(1)} %` : "";
}

function table(measured: readonly Measurement[], bytes: number, rows: number): string[] {
  return columns([
    ["", "seconds", "least – most", "M rows/s", "MB/s", "waited for data", "peak memory"],
    ...measured.map((one) => [
      one.name,
      one.seconds.median.toFixed(2),
      `${one.seconds.least.toFixed(2)} – ${one.seconds.most.toFixed(2)}`,
      (one.rowsPerSecond / 1e6).toFixed(2),
      (((one.rowsPerSecond / rows) * bytes) / 1e6).toFixed(0),
      share(one.told["waitedForData"]),
      one.peakRssBytes === 0 ? "" : formatBytes(one.peakRssBytes),
    ]),
  ]);
}

function ratios(measured: readonly Measurement[], bytes: number): Ratio[] {
  const find = (name: string): Measurement => measured.find((one) => one.name === name)!;
  const speed = (name: string): number => find(name).rowsPerSecond;
  const memory = (name: string): number => find(name).peakRssBytes / 2 ** 20;
  const slowest = median([bytes / find(NAMES.slowCurl).seconds.median / 1e6]);
  return MODELS.flatMap((model): Ratio[] => {
    const [local, warm, cold, slow] = (["local", "warm", "cold", "slow"] as const).map((which) =>
      NAMES[which](model),
    ) as [string, string, string, string];
    return [
      { name: `${model}: cache / local files`, value: speed(warm) / speed(local), goal: "0.9" },
      {
        name: `${model}: waited with all shards in the cache, %`,
        value: 100 * Number(find(warm).told["waitedForData"]),
        goal: "at most 5",
      },
      {
        name: `${model}: empty cache / the slower of curl and local files`,
        value: speed(cold) / Math.min(speed(NAMES.curl), speed(local)),
        goal: "–",
      },
      {
        name: `${model}: slow bucket (${slowest.toFixed(0)} MB/s) / curl`,
        value: speed(slow) / speed(NAMES.slowCurl),
        goal: "0.9",
      },
      {
        name: `${model}: memory beyond that with local files, MiB`,
        value: Math.max(memory(warm), memory(cold), memory(slow)) - memory(local),
        goal: "at most 150",
      },
    ];
  });
}

/** The server that `--server` or TEST_S3_SERVER names, or that CI has built. */
function serverOf(given: string | undefined): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache");
  const built = path.join(cache, "vadi-ci/versitygw-1.8.0/versitygw");
  const program = given ?? process.env["TEST_S3_SERVER"] ?? built;
  if (existsSync(program)) return program;
  throw usageError(
    `There is no S3 server ${program}: name versitygw with --server. Go builds it: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0.`,
  );
}

/**
 * Measures training from a bucket.
 *
 * @param words `--rows 6M --line 50 --server PATH --runs 3 --folder .bench --json`
 * @returns what is to be printed
 */
export async function benchBuckets(words: string[]): Promise<string> {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: "string", default: "6M" },
      line: { type: "string", default: "50" },
      server: { type: "string" },
      ...COMMON,
    },
  });
  const rows = atLeastOne(values.rows, "--rows");
  const line = atLeastOne(values.line, "--line");
  const { runs, folder, json } = await readCommon(values);
  const server = serverOf(values.server);
  delete process.env["NODE_EXTRA_CA_CERTS"];
  const place = await mkdtemp(path.join(folder, "buckets-"));
  const store = await startStore(server, place);
  const endpoint = process.env["AWS_ENDPOINT_URL"]!;
  const proxy = await startSlowProxy(endpoint, line * 1e6);
  process.env["XDG_CACHE_HOME"] = path.join(place, "home");
  let measured: Measurement[];
  let bytes = 0;
  try {
    const [local, url] = [path.join(place, "data"), `${store.url}/data`];
    const spec = `--rows ${rows} --features ${FEATURES} --shard-rows 500k --json --quiet`.split(
      " ",
    );
    for (const out of [local, url]) {
      const made = await runProgram(process.execPath, [
        MAIN,
        "generate",
        "lsm",
        "--out",
        out,
        ...spec,
      ]);
      bytes = Number(made["bytes"]);
      const { seconds } = made;
      note(
        `${out === url ? "To the bucket" : "To disk"}: ${(bytes / seconds / 1e6).toFixed(0)} MB/s`,
      );
    }
    const cache = path.join(place, "warm");
    const given: Given = { rows, place, local, url, cache, slow: proxy.url };
    const shards = (await readdir(local)).filter((name) => name.startsWith("shard-"));
    const paths = shards.map((name) => `cluster/data/${name}`);
    const entrants = [
      ...MODELS.flatMap((model) => trainings(model, given)),
      curl(NAMES.curl, endpoint, paths, rows),
      curl(NAMES.slowCurl, proxy.url, paths, rows),
    ];
    // Fills the cache, and warms that of pages.
    for (const [index, { run }] of entrants.slice(0, 2).entries()) {
      await run(path.join(place, `first-${index}`));
    }
    measured = await measure(entrants, runs, place, ({ name }, run) =>
      note(`run ${run + 1} of ${runs}: ${name}`),
    );
  } finally {
    proxy.close();
    store.stop();
    await rm(place, { recursive: true, force: true, maxRetries: 5 });
  }
  const machine = machineFacts(["versitygw 1.8.0"]);
  const found = ratios(measured, bytes);
  if (json) {
    const told = { concern: "buckets", rows, bytes, runs, machine, measured, ratios: found };
    return JSON.stringify(told, undefined, 2);
  }
  return [
    `buckets: ${formatCount(rows)} rows × ${FEATURES} features (${formatBytes(bytes)}), medians of ${runs} interleaved runs (least – most)`,
    ...describeMachine(machine),
    `The store is versitygw on loopback, which shares the cores; a slow bucket is behind a line of ${line} MB/s.`,
    "",
    ...table(measured, bytes, rows),
    "",
    ...ratioTable(found),
  ].join("\n");
}
