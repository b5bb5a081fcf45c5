import { choice, count, number, size, text, toggle } from "../common/options/kinds.js";
import { flag, optional, withDefault } from "../common/options/options.js";
import { cacheOptions } from "../storage/options.js";
import { landscapeOptions, lineOptions } from "../landscape/options.js";

/** The options of the curvature at a run's weights. */
export const curvatureOptions = {
  /** Default: RUN/curvature/NAME, where NAME holds the part and the batches. */
  out: optional(text, "Folder to write the result to", "RUN/curvature/NAME", {
    printed: "given",
  }),
  /** Default: where the run says it was, if the fingerprint still matches. */
  dataset: optional(text, "Folder of the dataset", "where the run says it was", {
    printed: "given",
  }),
  ...cacheOptions,
  /** How many batches from the first on, all, or these batches. */
  batches: withDefault(
    lineOptions.batches.kind,
    "all",
    "Rows to use: all, how many batches, or a list such as 0,3,7 or 0-99",
    { printed: "always" },
  ),
  batchSize: optional(count(1), "Rows per batch", "the run's", { printed: "always" }),
  /** How many eigenvectors at each end of the spectrum. */
  vectors: withDefault(count(1, 100), 5, "Eigenvectors at each end of the spectrum", {
    printed: "always",
  }),
  /** The largest residual, as a fraction of the eigenvalue's magnitude. */
  tolerance: withDefault(
    number({ above: 0, most: 1 }),
    1e-3,
    "Largest residual, as a fraction of the eigenvalue",
  ),
  /** Which part of the Hessian. */
  part: withDefault(
    choice(["all", "gauss-newton", "residual"]),
    "all",
    "gauss-newton: the positive semidefinite part; residual: the rest",
  ),
  /** Where products with the Hessian come from. */
  method: withDefault(
    choice(["auto", "matrix", "products"]),
    "auto",
    "matrix: the whole Hessian in one pass; products: a pass for each; auto: the faster one",
  ),
  /** Whether the spectral density is estimated. */
  density: withDefault(toggle, false, "Also estimate the density of all eigenvalues"),
  /** Random vectors for the trace and the density. */
  probes: withDefault(
    count(2, 1000),
    8,
    "Random vectors for the density, and for the trace without the matrix",
  ),
  /** Whether the eigenvalues of each batch are found as well. */
  perBatch: withDefault(toggle, false, "Also find the least and largest eigenvalue of each batch"),
  /** Whether the largest eigenvalue is followed along the training's path. */
  alongPath: withDefault(
    toggle,
    false,
    "Also find the largest eigenvalue at each snapshot of the training, beside 2/learning-rate",
  ),
  /** The distance from the weights within which kinks are counted. */
  kinks: optional(
    number({ above: 0, most: 1e6 }),
    "Also measure what kinks within this distance add along the eigenvectors",
    "off",
  ),
  /** The most products with the Hessian for the eigenvalues. */
  products: withDefault(count(4), 5000, "Largest number of Hessian-vector products"),
  /** Seed of the first vector and of the probes. */
  seed: withDefault(count(), 42, "Seed of the random vectors", { printed: "always" }),
  /** The most worker threads; they take part where there is much to do. */
  workers: optional(count(1, 1024), "Worker threads", "one per core", {
    changes: "speed",
    printed: "given",
  }),
  /** Bytes for rows that are kept between passes, and for the iteration's basis. */
  memory: withDefault(size, 256 * 2 ** 20, "Memory for rows and vectors"),
  /** Continue an iteration that was interrupted. */
  resume: flag("Continue an iteration that was interrupted"),
  /** Replace an existing result, or start an interrupted one again. */
  force: flag("Replace an existing result"),
};

/** The options of a certificate: a line, and the batches whose mean loss is certified. */
export const certifyOptions = {
  /** Default: RUN/certificates/NAME, where NAME holds along, from, to, batches and seed. */
  out: optional(text, "Folder to write the certificate to", "RUN/certificates/NAME", {
    printed: "given",
  }),
  /** Default: where the run says it was, if the fingerprint still matches. */
  dataset: curvatureOptions.dataset,
  ...cacheOptions,
  along: lineOptions.along,
  /** Factor of `from` and `to`; of `random-points` also the standard deviation of both points. */
  scale: withDefault(
    number({ above: 0, most: 1e30 }),
    1,
    "Factor that multiplies both ends of the line",
    {
      printed: "always",
    },
  ),
  normalize: landscapeOptions.normalize,
  seed: lineOptions.seed,
  /** The first α. */
  from: withDefault(number(), -1, "Where the line begins, in multiples of the direction", {
    printed: "always",
  }),
  /** The last α. */
  to: withDefault(number(), 1, "Where the line ends", { printed: "always" }),
  /** How many batches from the first on, all, or these batches. */
  batches: withDefault(
    lineOptions.batches.kind,
    1,
    "Batches whose mean loss is certified: how many, all, or a list such as 0,3,7 or 0-99",
    { printed: "always" },
  ),
  batchSize: curvatureOptions.batchSize,
  workers: curvatureOptions.workers,
  /** Bytes: half for the events of rows; more are sorted on disk. */
  memory: withDefault(
    size,
    256 * 2 ** 20,
    "Memory for the kinks of the rows; more are sorted on disk",
  ),
  /** Continue a certificate that was interrupted, and keep one that is complete. */
  resume: flag("Continue a certificate that was interrupted"),
  /** Replace an existing certificate. */
  force: flag("Replace an existing certificate"),
};
