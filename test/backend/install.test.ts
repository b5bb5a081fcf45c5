import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { assert, test } from "../helpers/test.js";
import { VadiError } from "../../src/common/errors.js";
import { installBackend, listBackends, removeBackend } from "../../src/backend/index.js";
import { inFolder } from "../helpers/folder.js";
import { zipOf } from "../helpers/zip.js";

/*
 * What goes wrong while a backend is installed. Nothing here reaches a network: a step that would
 * is given a program that fails, and what must not change is looked at afterwards.
 */

const CC = "tensorflow/libtensorflow_cc.so.2";
const FRAMEWORK = "tensorflow/libtensorflow_framework.so.2";

/** A wheel with libraries that are none; `change` damages it after its record has been written. */
function wheelOf(
  facts: { name?: string; version?: string; tag?: string } = {},
  change: (files: Record<string, string>) => void = () => {},
): Buffer {
  const { name = "tensorflow_cpu", version = "2.21.0" } = facts;
  const { tag = "cp311-cp311-manylinux_2_27_x86_64" } = facts;
  const files: Record<string, string> = { [CC]: "c++", [FRAMEWORK]: "framework" };
  const record = Object.entries(files).map(
    ([file, text]) =>
      `${file},sha256=${createHash("sha256").update(text).digest("base64url")},${text.length}`,
  );
  const folder = `${name}-${version}.dist-info`;
  files[`${folder}/METADATA`] = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;
  files[`${folder}/WHEEL`] = `Wheel-Version: 1.0\nTag: ${tag}\n`;
  files[`${folder}/RECORD`] = `${record.join("\n")}\n`;
  change(files);
  return zipOf(files);
}

/** Runs with a folder for backends and some programs on the PATH, and nothing else there. */
function withPrograms(
  programs: Record<string, string>,
  run: (folder: string, backends: string) => Promise<void>,
): () => Promise<void> {
  return inFolder(async (folder) => {
    const bin = path.join(folder, "bin");
    await mkdir(bin);
    for (const name of ["sh", "sleep", "cat"]) await symlink(`/bin/${name}`, path.join(bin, name));
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    const backends = path.join(folder, "with space", "backends");
    const before = { ...process.env };
    Object.assign(process.env, { PATH: bin, VADI_BACKENDS_FOLDER: backends });
    delete process.env["CXX"];
    delete process.env["npm_execpath"];
    try {
      await run(folder, backends);
    } finally {
      process.env = before;
    }
  });
}

async function thrownBy(work: Promise<unknown>): Promise<VadiError> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  assert.instance(error, VadiError, String(error));
  return error as VadiError;
}

test(
  "without a compiler nothing is begun",
  withPrograms({}, async (_folder, backends) => {
    const error = await thrownBy(installBackend("native"));
    assert.match(error.message, /no C\+\+ compiler .*c\+\+, g\+\+.*install one/);
    assert.not.ok(existsSync(backends));
  }),
);

test(
  "without Python, or with one that has no pip, it says so and names the way around",
  withPrograms({ "c++": "exit 0" }, async (folder, backends) => {
    const without = await thrownBy(installBackend("native"));
    assert.match(without.message, /python3, whose pip .*--wheel FILE/);
    const python = path.join(folder, "bin", "python3");
    await writeFile(python, "#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n");
    await chmod(python, 0o755);
    const pipless = await thrownBy(installBackend("native"));
    assert.match(pipless.message, /could not fetch tensorflow-cpu==2.21.0 \(.*has no pip\)/);
    await writeFile(python, "#!/bin/sh\necho 'ERROR: No matching distribution' >&2\nexit 1\n");
    const offline = await thrownBy(installBackend("native"));
    assert.match(offline.message, /\(No matching distribution\); mend that, or .*--wheel FILE/);
    assert.not.ok(existsSync(backends), "nothing stays");
  }),
);

test(
  "a wheel that is absent, damaged, of something else or another version is refused by name",
  withPrograms({ "c++": "exit 0", npm: "exit 1" }, async (folder, backends) => {
    const file = path.join(folder, "given.whl");
    const whole = wheelOf();
    const cases: [Buffer, RegExp, string][] = [
      [Buffer.from("<html>not found</html>"), /is not a wheel, or damaged/, "failed"],
      [whole.subarray(0, whole.length - 30), /is not a wheel, or damaged/, "failed"],
      [zipOf({ "a.txt": "a" }), /it has no METADATA/, "failed"],
      [wheelOf({}, (files) => void (files[CC] = "C++")), /does not match the checksum/, "failed"],
      [wheelOf({}, (files) => void delete files[CC]), /holds no libtensorflow_cc/, "failed"],
      [wheelOf({ name: "numpy" }), /is the wheel of numpy; give that of tensorflow/, "usage"],
      [wheelOf({ version: "2.19.1" }), /is TensorFlow 2\.19\.1; give a wheel of 2\.21/, "usage"],
      [wheelOf({ tag: "cp311-cp311-win_amd64" }), /is built for cp311-cp311-win_amd64/, "usage"],
    ];
    const absent = await thrownBy(installBackend("native", { wheel: file }));
    assert.match(absent.message, `The wheel ${file} does not exist`);
    for (const [bytes, pattern, kind] of cases) {
      await writeFile(file, bytes);
      const error = await thrownBy(installBackend("native", { wheel: file }));
      assert.match(error.message, pattern);
      assert.ok(error.message.includes(file), "the file is named");
      assert.is(error.kind, kind);
      assert.not.ok(existsSync(backends), "nothing stays");
    }
    await writeFile(file, whole);
    const cpu = await thrownBy(installBackend("gpu", { wheel: file }));
    assert.match(cpu.message, /has no CUDA in it/);
  }),
);

test(
  "what npm and the compiler say is told",
  withPrograms(
    {
      "c++": "exit 0",
      npm: "echo 'npm error code E404' >&2; echo 'npm error 404 Not Found' >&2; exit 1",
    },
    async (folder, backends) => {
      const file = path.join(folder, "given.whl");
      await writeFile(file, wheelOf());
      const fetched = await thrownBy(installBackend("native", { wheel: file }));
      assert.match(fetched.message, /npm could not install @tensorflow\/tfjs-node@4\.22\.0/);
      assert.match(fetched.message, /404 Not Found/);
      // An npm that does its work, and a compiler that does not.
      await writeFile(path.join(folder, "bin", "npm"), "#!/bin/sh\nexit 0\n");
      const script = "#!/bin/sh\necho 'x.cc:1:2: fatal error: c_api.h: No such file' >&2\nexit 1\n";
      await writeFile(path.join(folder, "bin", "c++"), script);
      const built = await thrownBy(installBackend("native", { wheel: file }));
      assert.match(
        built.message,
        /could not build the addon of tfjs-node: .*fatal error: c_api\.h/,
      );
      assert.not.ok(existsSync(backends), "nothing stays");
    },
  ),
);

test(
  "an installation that does not start is taken back, and the earlier one stays",
  withPrograms({ "c++": "exit 0", npm: "exit 0" }, async (folder, backends) => {
    const file = path.join(folder, "given.whl");
    await writeFile(file, wheelOf());
    const earlier = path.join(backends, "native", "backend.json");
    await mkdir(path.dirname(earlier), { recursive: true });
    await writeFile(earlier, "{}");
    const error = await thrownBy(installBackend("native", { wheel: file }));
    assert.match(error.message, /does not work and has been removed: .*does not start/);
    assert.is(await readFile(earlier, "utf8"), "{}");
    assert.equal(await readdir(backends), ["native"]);
  }),
);

test(
  "an interrupted installation ends its programs and leaves nothing",
  withPrograms({ "c++": "exit 0", npm: "sleep 60" }, async (folder, backends) => {
    const file = path.join(folder, "given.whl");
    await writeFile(file, wheelOf());
    const controller = new AbortController();
    const error = await thrownBy(
      installBackend("native", {
        wheel: file,
        signal: controller.signal,
        onNote: (note) => {
          if (note.includes("npm")) setTimeout(() => controller.abort(), 100);
        },
      }),
    );
    assert.is(error.kind, "interrupted");
    assert.not.ok(existsSync(backends));
  }),
);

test(
  "what a killed installation left is replaced, and two at a time are refused",
  withPrograms({ "c++": "exit 0", npm: "exit 1" }, async (folder, backends) => {
    const file = path.join(folder, "given.whl");
    await writeFile(file, wheelOf());
    await mkdir(path.join(backends, ".native", "half"), { recursive: true });
    await writeFile(path.join(backends, ".lock"), `${process.ppid} 0\n`);
    const held = await thrownBy(installBackend("native", { wheel: file }));
    assert.match(held.message, /is being written by process/);
    assert.ok(existsSync(path.join(backends, ".native", "half")), "it is the other's");
    await writeFile(path.join(backends, ".lock"), "4194305 0\n");
    await thrownBy(installBackend("native", { wheel: file }));
    assert.not.ok(existsSync(backends));
  }),
);

test(
  "names and options that cannot be are usage errors; there is nothing to remove",
  withPrograms({ "c++": "exit 0" }, async (_folder, backends) => {
    const name = "cuda" as "gpu";
    assert.is((await thrownBy(installBackend(name))).kind, "usage");
    assert.is((await thrownBy(removeBackend(name))).kind, "usage");
    const wheel = await thrownBy(installBackend("webgpu", { wheel: "x.whl" }));
    assert.match(wheel.message, /--wheel goes with native and gpu only/);
    const absent = await thrownBy(removeBackend("native"));
    assert.is(absent.kind, "failed");
    assert.match(absent.message, `The backend native is not installed in ${backends}`);
  }),
);

test(
  "the list says of each backend whether it works, and a damaged one says why",
  inFolder(async (folder) => {
    const before = process.env["VADI_BACKENDS_FOLDER"];
    process.env["VADI_BACKENDS_FOLDER"] = folder;
    try {
      await mkdir(path.join(folder, "gpu"));
      await writeFile(path.join(folder, "gpu", "backend.json"), "{");
      const backends = await listBackends();
      assert.equal(
        backends.map(({ name, available }) => [name, available]),
        [
          ["tfjs-node-gpu", false],
          ["tfjs-node", false],
          ["webgpu", false],
          ["wasm", true],
          ["cpu", true],
        ],
      );
      assert.match(backends[0]!.reason!, /The installed backend gpu is damaged/);
      assert.is(backends[1]!.reason, "It is not installed.");
      assert.is(backends[1]!.install, "vadi backend install native");
      assert.match(backends[3]!.version!, "tfjs 4.22.0");
    } finally {
      process.env["VADI_BACKENDS_FOLDER"] = before;
    }
  }),
);

test.run();
