/*
 * The commands and programs of the pages that no test of test/docs runs, each with the reason. Everything else that
 * stands in a fenced block is run.
 */

/** Lines of a page that are not run. */
export interface NotRun {
  page: string;
  /** Whole lines of one block. */
  text: string;
  reason: string;
}

const INSTALLS = "it installs from a clone, as whoever runs the tests has done";
const DEMO = "it takes a minute; test/experiments/catalogue/demo.test.ts runs it with less data";
const COURSE = "docs/tutorial.md has the same command, which is run there";
const WATCH = "it ends only with Ctrl-C; test/cli/watch.test.ts runs it";
const BACKEND = "it downloads a backend and builds it; .ci/run does, and runs test/backend on it";
const SDK = "npm installs the SDK; vadi's own copy is used";
const WEB = "there is no such server; test/storage/remote reads from one of its own";
const SPARK = "it needs a Spark cluster; `npm run cluster` runs such jobs on one of its own";
const KUBERNETES =
  "it needs a Kubernetes cluster; test/cli/tasks.test.ts runs the command of its pods";
const NOTEBOOKS = "it installs Jupyter and Framework; `npm run notebooks` does, and runs both";
const TORCH =
  "it needs PyTorch, which takes 1 GB; `npm run readers` sends the same arrays by safetensors alone";
const BATTERIES =
  "it takes hours and other programs; test/scripts/random-stream.test.ts checks what it prints";

/** In the order of the pages. */
export const NOT_RUN: readonly NotRun[] = [
  { page: "README.md", text: "npm install && npm run demo", reason: INSTALLS },
  { page: "README.md", text: "npm install-test", reason: INSTALLS },
  { page: "CONTRIBUTING.md", text: "npm install-test", reason: INSTALLS },
  { page: "docs/index.md", text: "npm install && npm run demo", reason: INSTALLS },
  {
    page: "docs/backends.md",
    text: `npx vadi backend install native
npx vadi train data/lsm --backend tfjs-node --out runs/native
npx vadi backend remove native`,
    reason: BACKEND,
  },
  {
    page: "docs/benchmarks.md",
    text: `npm run --silent random-stream | dieharder -a -g 200
npm run --silent random-stream -- --interleave 16 | RNG_test stdin32`,
    reason: BATTERIES,
  },
  {
    page: "docs/clusters.md",
    text: `spark-submit --master spark://HOST:7077 --conf spark.speculation=true \\
  node_modules/vadi/engines/spark/vadi_spark.py --vadi /opt/vadi/bin/vadi --tasks 1000 -- \\
  generate two-layer-sigmoid --rows 10G --out /shared/data/large`,
    reason: SPARK,
  },
  {
    page: "docs/clusters.md",
    text: `apiVersion: batch/v1
kind: Job
metadata: { name: generate }
spec:
  completionMode: Indexed
  completions: 100
  parallelism: 20
  backoffLimitPerIndex: 3
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: vadi
          image: IMAGE
          command: [sh, -c]
          args:
            - vadi plan generate lsm --rows 10G --out /shared/data/large --tasks 100 --task $JOB_COMPLETION_INDEX |
              vadi task
          volumeMounts: [{ name: shared, mountPath: /shared }]
      volumes: [{ name: shared, persistentVolumeClaim: { claimName: CLAIM } }]`,
    reason: KUBERNETES,
  },
  { page: "docs/commands.md", text: "vadi demo", reason: DEMO },
  { page: "docs/commands.md", text: "vadi watch runs/mlp --open", reason: WATCH },
  { page: "docs/commands.md", text: "vadi experiment all --quick", reason: COURSE },
  { page: "docs/commands.md", text: "vadi backend install native", reason: BACKEND },
  {
    page: "docs/commands.md",
    text: "vadi backend install native --wheel tensorflow_cpu-2.21.0-….whl",
    reason: BACKEND,
  },
  { page: "docs/commands.md", text: "vadi backend remove native", reason: BACKEND },
  {
    page: "docs/how-to/gpu.md",
    text: `npx vadi backend install gpu
npx vadi backend install webgpu`,
    reason: BACKEND,
  },
  {
    page: "docs/how-to/pytorch.md",
    text: 'safetensors.torch.save_file(model.state_dict(), "torch.safetensors")',
    reason: TORCH,
  },
  {
    page: "docs/notebooks.md",
    text: `cd notebooks
npm install
npx deno jupyter --install
jupyter lab valley.ipynb`,
    reason: NOTEBOOKS,
  },
  {
    page: "docs/notebooks.md",
    text: `cd notebooks/observable
npm install
OBSERVABLE_TELEMETRY_DISABLE=true npm run build`,
    reason: NOTEBOOKS,
  },
  { page: "docs/object-storage.md", text: "npm install @aws-sdk/client-s3", reason: SDK },
  {
    page: "docs/object-storage.md",
    text: "vadi train https://example.org/data/lsm --out runs/web",
    reason: WEB,
  },
  {
    page: "docs/training.md",
    text: `import torch, safetensors.torch
model = torch.nn.Sequential(torch.nn.Linear(10, 40, bias=False), torch.nn.ReLU(), torch.nn.Linear(40, 20, bias=False), torch.nn.ReLU(), torch.nn.Linear(20, 1, bias=False))
model.load_state_dict(safetensors.torch.load_file("model.safetensors"))`,
    reason: TORCH,
  },
];
