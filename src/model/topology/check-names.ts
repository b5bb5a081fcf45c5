import { serialization } from "@tensorflow/tfjs-core";
import { usageError } from "../../common/errors.js";
import { quote } from "../../common/text/quote.js";
import { describedLayers } from "./described-layers.js";

/** TensorFlow.js reads `className` and `class__name` as `class_name`: in another spelling a key would not be checked. */
const KEY = /^[a-z0-9]+(_[a-z0-9]+)*$/;

/**
 * Refuses a topology with classes that TensorFlow.js does not have, or with names that it would take for something else.
 *
 * @throws a usage error
 */
export function checkNames(topology: Record<string, unknown>, source: string): void {
  const known = serialization.SerializationMap.getMap().classNameMap;
  const other = describedLayers(topology).find(({ className }) => !Object.hasOwn(known, className));
  if (other !== undefined) {
    throw usageError(
      `${source} has a layer or an object of type ${other.className}, which TensorFlow.js does not have.`,
    );
  }
  refuseReserved(topology, source);
}

/** Refuses names of JavaScript's own object properties, which TensorFlow.js would find in its tables of names. */
function refuseReserved(value: unknown, source: string): void {
  if (typeof value === "string" && value in Object.prototype) {
    throw usageError(`${source} uses the name ${value}, which a model cannot use.`);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, below] of Object.entries(value)) {
    refuseReserved(key, source);
    if (!Array.isArray(value) && !KEY.test(key)) {
      throw usageError(
        `${source} has the key ${quote(key)}, which no model of TensorFlow.js or Keras has.`,
      );
    }
    refuseReserved(below, source);
  }
}
