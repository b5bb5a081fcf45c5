import { openKernel, type Kernel as AnyKernel, type KernelMemory } from "../common/kernel.js";

/** The functions of assembly/generate.ts; addresses are byte offsets into `memory`. */
export interface KernelExports extends KernelMemory {
  philoxBlock(...countersKeysOut: number[]): void;
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

/** An instance of the generation kernel. */
export type Kernel = AnyKernel<KernelExports>;

/** A new instance of the generation kernel, in this thread. Its memory is freed with it. */
export function createKernel(): Kernel {
  return openKernel<KernelExports>("generate");
}
