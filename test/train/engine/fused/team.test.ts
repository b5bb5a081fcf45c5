import { setTimeout as pause } from "node:timers/promises";
import { assert, test } from "../../../helpers/test.js";
import { compileKernel } from "../../../../src/common/kernel.js";
import { instantiate, shareMemory } from "../../../../src/train/engine/fused/kernel.js";
import { layOutNetwork } from "../../../../src/train/engine/fused/layout.js";
import { createTeam } from "../../../../src/train/engine/fused/team.js";
import { initialNetwork } from "../../../../src/model/index.js";
import { isFusedNetwork } from "../../../../src/train/engine/fused/index.js";

test("a thread that fails ends the work with a sentence", async () => {
  const network = initialNetwork([10, 64, 64, 1], { kind: "uniform" }, 1);
  if (!isFusedNetwork(network)) throw new Error("the kernel does not take the network");
  const kernel = compileKernel("train");
  const layout = layOutNetwork(network, 2, instantiate(kernel, shareMemory(0)).heapBase());
  // The second thread's scratch lies outside the memory: its first part is its last.
  layout.activations[1] = 2 ** 31;
  const team = createTeam(kernel, shareMemory(layout.bytes), layout);
  let problem: unknown;
  try {
    for (let round = 0; round < 5000; round++) {
      await team.run(10_000, true);
      // The other thread needs some time to start.
      await pause(1);
    }
  } catch (error) {
    problem = error;
  }
  assert.match(String(problem), /A training thread has failed; start the training again\./);
  await team.close();
});

test.run();
