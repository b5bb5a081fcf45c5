// Written by scripts/build-kernels.ts from the functions that assembly/ exports: do not edit.

/** What every kernel exports. Addresses are byte offsets into `memory`. */
interface KernelMemory {
  readonly memory: WebAssembly.Memory;
}

/** The functions of assembly/generate.ts. */
export interface GenerateKernel extends KernelMemory {
  heapBase(): number;
  randomWords(
    seed: number,
    stream: number,
    row: number,
    firstBlock: number,
    groups: number,
    out: number,
  ): void;
  randomNormals(
    seed: number,
    stream: number,
    row: number,
    firstBlock: number,
    groups: number,
    out: number,
  ): void;
  philoxBlock(
    c0: number,
    c1: number,
    c2: number,
    c3: number,
    k0: number,
    k1: number,
    out: number,
  ): void;
  lsmRows(
    seed: number,
    firstRow: number,
    rows: number,
    features: number,
    noise: number,
    weights: number,
    tile: number,
    x: number,
    y: number,
  ): void;
  firstLayerMaximum(
    seed: number,
    firstRow: number,
    rows: number,
    features: number,
    noise: number,
    w1: number,
    tile: number,
  ): number;
  secondLayerMaximum(
    seed: number,
    firstRow: number,
    rows: number,
    features: number,
    noise: number,
    w1: number,
    w2: number,
    maximum1: number,
    tile: number,
  ): number;
  twoLayerSigmoidRows(
    seed: number,
    firstRow: number,
    rows: number,
    features: number,
    noise: number,
    w1: number,
    w2: number,
    maximum1: number,
    maximum2: number,
    tile: number,
    x: number,
    y: number,
  ): void;
}

/** The functions of assembly/columns.ts. */
export interface ColumnsKernel extends KernelMemory {
  heapBase(): number;
  transpose(x: number, rows: number, features: number, out: number, stride: number): void;
  extremes(columns: number, count: number, rows: number, stride: number, out: number): void;
}

/** The functions of assembly/stream.ts. */
export interface StreamKernel extends KernelMemory {
  heapBase(): number;
  drawBuckets(
    seed: number,
    stream: number,
    row: number,
    group: number,
    rows: number,
    bits: number,
    ids: number,
    counts: number,
  ): void;
  scatterSplit(
    x: number,
    y: number,
    rows: number,
    features: number,
    ids: number,
    next: number,
    out: number,
  ): void;
  scatterPacked(
    from: number,
    rows: number,
    features: number,
    ids: number,
    next: number,
    out: number,
  ): void;
  permutation(
    seed: number,
    stream: number,
    row: number,
    group: number,
    count: number,
    out: number,
  ): number;
  gather(
    from: number,
    order: number,
    all: number,
    rows: number,
    features: number,
    x: number,
    y: number,
  ): void;
}

/** The functions of assembly/mlp-slice.ts. */
export interface MlpSliceKernel extends KernelMemory {
  heapBase(): number;
  multiplyRows(
    x: number,
    rows: number,
    features: number,
    first: number,
    sets: number,
    weights: number,
    products: number,
  ): void;
  addSquaredErrors(
    products: number,
    y: number,
    rows: number,
    first: number,
    second: number,
    sets: number,
    beta: number,
    secondWeights: number,
    secondBiases: number,
    outputs: number,
    outputBiases: number,
    alphas: number,
    points: number,
    start: number,
    inverseStep: number,
    floor: number,
    a: number,
    actives: number,
    switches: number,
    list: number,
    next: number,
    heads: number,
    quadratics: number,
    predictions: number,
    sums: number,
  ): void;
  addLinearSums(
    x: number,
    y: number,
    rows: number,
    features: number,
    weights: number,
    plane: boolean,
    sums: number,
  ): void;
  addPredictions(
    places: number,
    points: number,
    quadratics: number,
    segmentBytes: number,
    outputs: number,
    alphas: number,
    floor: number,
    biases: number,
    target: number,
    sums: number,
  ): void;
  addSquaredErrorsBySegments(
    products: number,
    y: number,
    rows: number,
    first: number,
    second: number,
    sets: number,
    beta: number,
    secondWeights: number,
    secondBiases: number,
    outputs: number,
    outputBiases: number,
    alphas: number,
    points: number,
    start: number,
    inverseStep: number,
    floor: number,
    a: number,
    actives: number,
    switches: number,
    list: number,
    order: number,
    places: number,
    quadratics: number,
    sums: number,
  ): void;
}

/** The functions of assembly/hessian.ts. */
export interface HessianKernel extends KernelMemory {
  heapBase(): number;
  pack64(
    from: number,
    inputs: number,
    outputs: number,
    inputStride: number,
    outputStride: number,
    target: number,
  ): void;
  pack32(
    from: number,
    inputs: number,
    outputs: number,
    inputStride: number,
    outputStride: number,
    target: number,
  ): void;
  addProducts64(
    layers: number,
    count: number,
    vectors: number,
    number: number,
    x: number,
    y: number,
    rows: number,
    tile: number,
    scratch: number,
    errorWeight: number,
    changeWeight: number,
    sums: number,
    stride: number,
  ): number;
  addProducts32(
    layers: number,
    count: number,
    vectors: number,
    number: number,
    x: number,
    y: number,
    rows: number,
    tile: number,
    scratch: number,
    errorWeight: number,
    changeWeight: number,
    sums: number,
    stride: number,
  ): number;
  predictionDerivatives(
    layers: number,
    count: number,
    x: number,
    y: number,
    rows: number,
    scratch: number,
    residuals: number,
  ): void;
  nextDerivatives(
    layer: number,
    derivatives: number,
    sets: number,
    values: number,
    target: number,
  ): void;
  addGroups(
    one: number,
    ones: number,
    other: number,
    others: number,
    first: number,
    step: number,
    offsets: number,
    target: number,
  ): void;
  copyGroups(tile: number, groups: number, columns: number, table: number): void;
  firstDerivatives(
    below: number,
    inputs: number,
    above: number,
    outputs: number,
    weights: number,
    target: number,
  ): void;
  outerGroups(
    one: number,
    ones: number,
    bias: number,
    other: number,
    others: number,
    factors: number,
    table: number,
  ): void;
  pairGroups(tile: number, units: number, bias: number, table: number): void;
  writeGates(values: number, units: number, relu: number, target: number): void;
  writeMasks(tile: number, units: number, table: number): void;
}

/** The functions of assembly/train.ts. */
export interface TrainKernel extends KernelMemory {
  heapBase(): number;
  pack(
    from: number,
    inputs: number,
    outputs: number,
    inputStride: number,
    outputStride: number,
    target: number,
  ): void;
  addParts(parts: number, number: number, count: number, total: number): void;
  addGradients(
    layers: number,
    count: number,
    x: number,
    y: number,
    rows: number,
    tile: number,
    activations: number,
    sums: number,
  ): void;
}

/** The functions of each kernel, by its name. */
export interface Kernels {
  generate: GenerateKernel;
  columns: ColumnsKernel;
  stream: StreamKernel;
  "mlp-slice": MlpSliceKernel;
  "mlp-slice-relaxed": MlpSliceKernel;
  hessian: HessianKernel;
  "hessian-relaxed": HessianKernel;
  train: TrainKernel;
  "train-relaxed": TrainKernel;
}
