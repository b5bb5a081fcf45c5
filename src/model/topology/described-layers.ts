/** An object of a topology that has a type and a configuration, such as a layer. */
export interface DescribedLayer {
  className: string;
  config: Record<string, unknown>;
}

/** All objects of a topology that have a `class_name`, including layers within layers. */
export function describedLayers(value: unknown): DescribedLayer[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(describedLayers);
  const { class_name: className, config } = value as Record<string, unknown>;
  if (typeof className !== "string") return below;
  return [{ className, config: isRecord(config) ? config : {} }, ...below];
}

/** Whether a JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
