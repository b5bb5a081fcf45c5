import { failure } from "../../../common/errors.js";
import { instantiateKernel, type Kernel } from "../../../common/kernel.js";

/** The functions of assembly/train.ts; addresses and strides are in bytes. */
export type TrainFunctions = Kernel<"train">["functions"];

/** Memory of a kernel that several threads work in. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

const PAGE_BYTES = 65_536;

/**
 * Memory for the kernel's own data and `bytes` more.
 *
 * @throws a failure where the system does not have that much
 */
export function shareMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES) + 1;
  try {
    const limits = { initial: pages, maximum: pages, shared: true };
    return new WebAssembly.Memory(limits) as unknown as SharedMemory;
  } catch (error) {
    throw failure(`The model needs ${bytes} bytes of memory at once; there are not enough.`, error);
  }
}

/** An instance of the kernel for this thread. */
export function instantiate(module: WebAssembly.Module, memory: SharedMemory): TrainFunctions {
  // The library's type of a memory leaves out that it can be shared.
  return instantiateKernel("train", module, memory as unknown as WebAssembly.Memory);
}
