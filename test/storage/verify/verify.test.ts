import {
  appendFile,
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../../helpers/test.js";
import { verifyDataset, writeDataset, type ShardStatus } from "../../../src/storage/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assertRejects } from "../folders.js";

const FILES = [0, 1, 2, 3].map((shard) => `shard-0000${shard}.arrow`);

/** A dataset of four shards, a change to it, and what verification says of what is not ok then. */
function found(
  change: (data: string) => Promise<unknown>,
  expected: [file: string, status: ShardStatus["status"], reason: RegExp][],
): () => Promise<void> {
  return inFolder(async (folder) => {
    const data = path.join(folder, "data");
    await cp(original, data, { recursive: true });
    await change(data);
    const { ok, shards } = await verifyDataset(data);
    const wrong = shards.filter(({ status }) => status !== "ok");
    assert.is(ok, wrong.length === 0);
    assert.equal(
      wrong.map(({ file, status }) => [file, status]),
      expected.map(([file, status]) => [file, status]),
    );
    for (const [index, { reason }] of wrong.entries()) {
      assert.match(reason ?? "", expected[index]![2]);
    }
    // All that the manifest names is reported, in its order.
    assert.equal(
      shards.slice(0, 4).map(({ file }) => file),
      FILES,
    );
  });
}

let original = "";
let remove: () => void = () => {};

test.before(async () => {
  // A folder for all tests, which each of them copies.
  await new Promise<void>((ready) => {
    void inFolder(async (folder) => {
      original = path.join(folder, "original");
      const spec = {
        kind: "lsm",
        out: original,
        rows: 4000,
        features: 3,
        shardRows: 1000,
      } as const;
      await writeDataset(spec);
      await new Promise<void>((done) => {
        remove = done;
        ready();
      });
    })();
  });
});

test.after(() => {
  remove();
});

const at = (data: string, shard: number): string => path.join(data, FILES[shard]!);

async function changeByte(file: string, position: number, change: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[position < 0 ? bytes.length + position : position]! ^= change;
  await writeFile(file, bytes);
}

test(
  "a whole dataset is ok",
  found(async () => {}, []),
);

for (const position of [0, 3000, -1]) {
  test(
    `one flipped bit at ${position}`,
    found((data) => changeByte(at(data, 2), position, 4), [[FILES[2]!, "damaged", /SHA-256/]]),
  );
}

test(
  "a shard cut short, and one that is empty",
  found(
    async (data) => {
      await truncate(at(data, 1), 5000);
      await truncate(at(data, 3), 0);
    },
    [
      [FILES[1]!, "damaged", /5000 bytes instead of/],
      [FILES[3]!, "damaged", /0 bytes instead of/],
    ],
  ),
);

test(
  "a missing shard",
  found((data) => rm(at(data, 0)), [[FILES[0]!, "missing", /no such file/]]),
);

test(
  "two shards that have changed places",
  found(
    async (data) => {
      await rename(at(data, 0), path.join(data, "x"));
      await rename(at(data, 1), at(data, 0));
      await rename(path.join(data, "x"), at(data, 1));
    },
    [
      [FILES[0]!, "damaged", /./],
      [FILES[1]!, "damaged", /./],
    ],
  ),
);

test(
  "shards too many, of either format",
  found(
    async (data) => {
      await cp(at(data, 0), path.join(data, "shard-00004.arrow"));
      await cp(at(data, 0), path.join(data, "a.parquet"));
      await writeFile(path.join(data, "notes.txt"), "not a shard");
    },
    [
      ["a.parquet", "extra", /manifest does not name it/],
      ["shard-00004.arrow", "extra", /manifest does not name it/],
    ],
  ),
);

test(
  "a folder and a link in a shard's place",
  found(
    async (data) => {
      await rm(at(data, 0));
      await mkdir(at(data, 0));
      await rename(at(data, 1), path.join(data, "..", "elsewhere"));
      await symlink(path.join(data, "..", "elsewhere"), at(data, 1));
    },
    [
      [FILES[0]!, "damaged", /not a plain file/],
      [FILES[1]!, "damaged", /not a plain file/],
    ],
  ),
);

test(
  "a changed manifest",
  found(
    async (data) => {
      const file = path.join(data, "manifest.json");
      await writeFile(file, (await readFile(file, "utf8")).replace('"noise": 0.1', '"noise": 0.2'));
    },
    [["manifest.json", "damaged", /SHA256SUMS/]],
  ),
);

test(
  "changed and missing checksums",
  found(
    async (data) => {
      const file = path.join(data, "SHA256SUMS");
      const text = await readFile(file, "utf8");
      await writeFile(file, `${text[0] === "0" ? "1" : "0"}${text.slice(1)}`);
    },
    [["SHA256SUMS", "damaged", /manifest's/]],
  ),
);

test(
  "checksums with a line too many",
  found(
    (data) => appendFile(path.join(data, "SHA256SUMS"), "nothing\n"),
    [["SHA256SUMS", "damaged", /other lines/]],
  ),
);

test(
  "missing checksums",
  found((data) => rm(path.join(data, "SHA256SUMS")), [["SHA256SUMS", "missing", /no such file/]]),
);

test(
  "what cannot be verified is refused",
  inFolder(async (folder) => {
    await assertRejects(verifyDataset(path.join(folder, "none")), "failed", /no dataset .*none/);
    await assertRejects(verifyDataset(folder), "failed", /not a dataset/);
    const file = path.join(folder, "file");
    await writeFile(file, "");
    await assertRejects(verifyDataset(file), "failed", /file/);
    await writeFile(path.join(folder, "manifest.json"), "{");
    await assertRejects(verifyDataset(folder), "failed", /manifest\.json .*not valid JSON/);
  }),
);

test(
  "verification can be interrupted, and says how far it is",
  inFolder(async () => {
    const stop = new AbortController();
    stop.abort();
    await assertRejects(verifyDataset(original, { signal: stop.signal }), "interrupted", /./);
    const done: number[] = [];
    const { bytes } = await verifyDataset(original, {
      onProgress: (progress) => done.push(progress.done),
    });
    assert.is(done.at(-1), bytes);
  }),
);

test.run();
