import type { LessonWords } from "../../lesson.js";

/** Surfaces, cuts through them, and slices of the loss of the linear model. */
export const valley = {
  paraboloid: {
    title: "A paraboloid and a cut through it",
    question: "What is a valley, and what do we see when we cut it?",
    method:
      "Take the simplest valley: the height is the sum of two squares. An upright plane cuts it along x + y = 0. There y is −x, so the height depends on x alone.",
    look: "The cut through a bowl is a parabola, whatever the direction. A loss has as many directions as weights and cannot be drawn, but its cuts can: that is what all later slices are.",
    numbers: { points: "points on the cut", lowest: "lowest height", rim: "height at the rim" },
    tries: [
      "The loss of a linear model with two weights, measured on data, is such a bowl: a cut through its lowest point.",
      "Another direction through another bowl: again a parabola, steeper or flatter.",
    ],
  },
  walk: {
    title: "A walk across the paraboloid",
    question: "What do we feel when we cross the valley in equal steps?",
    method:
      "Walk straight from one corner to the opposite one in a hundred equal steps, and write down the height at each step.",
    look: "The heights are a parabola again, over the number of the step. The walk goes down, passes the lowest point half-way, and climbs: a straight line knows nothing of the valley it crosses.",
    numbers: {
      start: "height at the start",
      lowestStep: "step with the lowest height",
      lowest: "lowest height",
      last: "height at the last step",
    },
    tries: [
      "The same walk on a real loss, between two random points.",
      "Other random points: another piece of a parabola.",
    ],
  },
  "slice-random": {
    title: "A slice between two random points",
    question: "What does the loss look like far from any optimum?",
    method:
      "Draw two random weight vectors and walk from one to the other. At each of a hundred points compute the loss over all rows.",
    look: "There is no bowl, only a slope: the line passes the optimum at a great distance. In many dimensions two random points almost never have a minimum between them. To see one, the line must go through it.",
    numbers: {
      first: "loss at the first point",
      last: "loss at the last point",
      lowestAt: "α of the lowest loss",
      noise: "variance of the noise",
    },
    tries: [
      "Two other points: another slope.",
      "Points ten times farther apart: the line bends visibly.",
    ],
  },
  "slice-optimum": {
    title: "A slice through the optimum",
    question: "What does the loss look like around the best weights?",
    method:
      "Compute the optimum by the closed form, draw a random direction, and walk from one side of the optimum to the other.",
    look: "A parabola with its lowest point at the optimum. Its height there is the variance of the noise; its width says how sharply the data fix this combination of weights.",
    numbers: {
      lowestAt: "α of the lowest loss",
      lowest: "lowest loss",
      end: "loss at the start of the line",
      noise: "variance of the noise",
    },
    tries: [
      "A direction ten times longer: the same parabola from farther away.",
      "A hundred rows: the lowest loss falls below the noise, since the weights fit it too.",
      "Let vadi find the scale at which the loss is tenfold.",
    ],
  },
  "batches-overlaid": {
    title: "The loss of single batches, overlaid",
    question: "Which valley does SGD see, if each step sees another batch?",
    method:
      "Train by SGD, then walk along a random direction through the trained weights. At each point compute the loss of the first five batches, one curve each.",
    look: "Five bowls that almost coincide. Their floors lie at slightly different places and heights, and the differences are what makes SGD tremble. The smaller the batches, the farther apart they lie.",
    numbers: {
      batches: "batches",
      lowest: "lowest mean loss",
      apart: "floors apart, in α",
      heights: "floors apart, in loss",
    },
    tries: [
      "Batches of fifty rows: the floors scatter.",
      "Let vadi find the scale at which the loss is tenfold.",
      "All batches instead of five.",
    ],
  },
} satisfies Record<string, LessonWords>;
