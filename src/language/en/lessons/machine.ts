import type { LessonWords } from "../../lesson.js";

/** More rows, other optimisers and other machines. */
export const machine = {
  "hundred-million": {
    title: "Training and slices streamed from disk",
    question: "Can we train on more rows than fit into memory?",
    method:
      "Write the rows to files, read them back piece by piece, shuffle within a window, and train one epoch. The slices afterwards read only the batches that they show. S is the size of all rows, M the memory in use.",
    look: "The same curve and the same bowls as before. Memory does not grow with the rows: compare the size of the data with the memory that the whole run took.",
    numbers: {
      rows: "rows",
      size: "size of the rows in memory",
      memory: "most memory used",
      rate: "rows per second in training",
    },
    tries: [
      "A rate ten times larger: the floor is reached in one epoch.",
      "Parquet instead of Arrow files.",
    ],
  },
  optimisers: {
    title: "Momentum, RMSProp and Adam against plain SGD",
    question: "Is there a better step than the one against the gradient?",
    method:
      "Momentum keeps a running sum m of the gradients g and walks along it. RMSProp divides each weight's gradient by its usual size, √s. Adam does both. All start from the same weights and see the same batches.",
    look: "Compare the order of the curves on the two models. On a bowl the gradients agree from step to step, and momentum adds them up to a longer step. RMSProp and Adam take steps of about the learning rate, however steep the ground is: a drawback where it is far to the minimum, and an advantage where layers differ in steepness.",
    numbers: {
      sgd: "network, SGD: final loss",
      momentum: "network, momentum",
      rmsprop: "network, RMSProp",
      adam: "network, Adam",
    },
    tries: [
      "One learning rate for all: now the adaptive steps are long enough.",
      "More momentum: faster at first, and then it overshoots.",
    ],
  },
  device: {
    title: "The same training on every backend",
    question: "Does it matter on what machine we train?",
    method:
      "Train the linear model and the network for the same number of steps on each backend that is installed: WebAssembly, native TensorFlow, a GPU. The seed, the start and the batches are the same. The formula gives the time of n steps: each takes t₀ to start, and then c operations at r a second.",
    look: "The curves over the steps coincide up to rounding; over time they do not. For a small model a step is so short that starting it costs more than computing it, and a GPU has little to win.",
    numbers: {
      backends: "backends compared",
      automatic: "backend that vadi chooses here",
      fastest: "network, fastest: rows per second",
      difference: "network, relative difference of losses",
    },
    tries: [
      "Batches of a thousand rows: more steps, and the cost of starting each shows.",
      "A hundred features: more work in each step.",
    ],
  },
} satisfies Record<string, LessonWords>;
