import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { formatBytes } from "../../src/common/text/sizes.js";
import { VERSION } from "../../src/common/version.js";

/** What the figures were measured on, and with which versions. */
export interface MachineFacts {
  cores: number;
  processor: string;
  memoryBytes: number;
  system: string;
  versions: string[];
}

/** @param peers versions of the other programs that take part */
export function machineFacts(peers: readonly string[]): MachineFacts {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    versions: [`vadi ${VERSION}`, `Node ${process.versions.node}`, ...peers],
  };
}

export function describeMachine(facts: MachineFacts): string[] {
  const { cores, processor, memoryBytes, system, versions } = facts;
  return [
    `${cores} cores (${processor}), ${formatBytes(memoryBytes)} of memory, ${system}`,
    versions.join(", "),
  ];
}
