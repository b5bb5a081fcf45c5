import { compileKernel, openKernel, type Kernel as OpenKernel } from "../../common/kernel.js";

/** An instance of the landscape kernel: its functions, and `reserve` to lay out its memory. */
export type SliceKernel = OpenKernel<"mlp-slice">["functions"] & {
  readonly simd: Simd;
  /** Reserves bytes and returns their address. Views of the memory made before are void. */
  reserve(bytes: number): number;
};

/** Which instructions a kernel uses: `relaxed` SIMD fuses multiplications with additions. */
export type Simd = "relaxed" | "fixed";

let supported: Simd | undefined;

/** The faster instructions where this version of Node has them. */
export function supportedSimd(): Simd {
  if (supported === undefined) {
    try {
      compileKernel("mlp-slice-relaxed");
      supported = "relaxed";
    } catch {
      supported = "fixed";
    }
  }
  return supported;
}

/**
 * An instance of the landscape kernel.
 *
 * @param simd default: the fastest that this version of Node has
 * @throws a failure where the kernel cannot be loaded
 */
export function loadKernel(simd: Simd = supportedSimd()): SliceKernel {
  const { functions, allocate } = openKernel(
    simd === "relaxed" ? "mlp-slice-relaxed" : "mlp-slice",
  );
  return { ...functions, simd, reserve: (bytes) => allocate([bytes])[0]! };
}
