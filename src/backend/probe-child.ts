import { matMul, tensor2d } from "@tensorflow/tfjs-core";
import { messageOf } from "../common/errors.js";
import { startBackend } from "./start.js";
import type { StartedBackend } from "./types.js";

/*
 * The process in which `probe` starts a backend: it computes a product and sends the outcome to its
 * parent.
 */

/** The message to the parent. */
export type ProbeAnswer = Pick<StartedBackend, "version" | "device" | "isGpu"> | { reason: string };

async function answer(name: StartedBackend["name"]): Promise<ProbeAnswer> {
  try {
    const { version, device, isGpu } = await startBackend(name);
    const product = matMul(tensor2d([1, 2, 3, 4], [2, 2]), tensor2d([5, 6], [2, 1]));
    const values = [...(await product.data())];
    if (values.join() !== "17,39") return { reason: `It computes wrongly: ${values.join(", ")}.` };
    return { version, device, isGpu };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

process.send?.(await answer(process.argv[2] as StartedBackend["name"]));
