import type { LessonWords } from "../../lesson.js";

/** The linear model, fitted in four ways. */
export const line = {
  "lsm-data": {
    title: "Linear data with noise",
    question: "What does data look like when we know the truth behind it?",
    method:
      "Draw features X from a standard normal and a weight vector w once. Each target y is the weighted sum of its row's features, plus a little noise. Since w is known, every later lesson can check how close it came.",
    look: "The targets form a bell around 0, since a sum of independent normals is normal. Its variance is |w|² plus the variance of the noise. No model can predict the noise, so on new rows no loss stays below the noise's variance.",
    numbers: {
      rows: "rows",
      features: "features",
      variance: "variance of y, measured",
      expected: "variance of y, |w|² + σ²",
    },
    tries: [
      "Noise as wide as a feature: the bell grows wider, and everything after it becomes harder to learn.",
      "Only two features: the variance is the sum of two squared weights.",
    ],
  },
  "closed-form": {
    title: "The closed form of least squares",
    question: "Can we jump straight to the best weights, without taking steps?",
    method:
      "The loss is the mean squared error. At its minimum the gradient is zero, which gives one linear equation for each weight. One pass over the rows sums XᵀX and Xᵀy; a Cholesky factorisation solves the equations.",
    look: "Each point is one weight: the found value against the true one. Points lie on the diagonal up to an error that the noise leaves; with four times as many rows it halves. This works since the loss is a quadratic bowl, with a single minimum.",
    numbers: {
      loss: "loss at ŵ",
      noise: "variance of the noise",
      error: "largest error of a weight",
      bound: "bound of that error",
    },
    tries: [
      "A hundred rows instead of ten thousand: the points leave the diagonal.",
      "A strong ridge penalty pulls all weights towards zero.",
    ],
  },
  "gradient-descent": {
    title: "Gradient descent on all rows",
    question: "How do we get down the valley if we only know the slope where we stand?",
    method:
      "Start from small random weights. In each step compute the gradient over all rows and walk a little against it. The learning rate η says how far.",
    look: "On the logarithmic axis the loss first falls along a straight line: each step removes the same share of the distance to the minimum. It levels off at the variance of the noise. A rate too large jumps over the valley; above 2 divided by the largest curvature it climbs out.",
    numbers: {
      steps: "steps",
      loss: "final loss",
      noise: "variance of the noise",
      error: "largest error of a weight",
    },
    tries: [
      "A rate ten times larger: a tenth of the steps would do.",
      "Near the limit: each step jumps to the other side of the valley.",
      "Beyond the limit: every step lands higher than it began, and the training diverges.",
    ],
  },
  autograd: {
    title: "The same descent by automatic differentiation",
    question: "Who computes the gradient when the formula is too long to write down?",
    method:
      "The model is written as a chain of simple operations. Automatic differentiation applies the chain rule to them, backwards from the loss. The same training runs once with these gradients and once with the formula of the last lesson.",
    look: "Both curves are the same: automatic differentiation is exact and not an approximation. The two sets of weights differ by rounding alone. For a network of any depth it needs no new formula.",
    numbers: {
      difference: "largest difference between both ŵ",
      loss: "final loss",
      error: "largest error of a weight",
    },
    tries: [
      "Another learning rate: both trainings still agree.",
      "Fifty features: more weights, and still no new formula.",
    ],
  },
  sgd: {
    title: "Stochastic gradient descent",
    question: "Do we need all rows to take one step?",
    method:
      "Shuffle the rows in every epoch and cut them into batches. Each step uses the gradient of one batch: a noisy estimate of the true gradient, for a fraction of the work. After one epoch there have been many steps instead of one.",
    look: "The curve falls as that of gradient descent does, but it trembles: each point is the loss of another batch. Near the minimum the batches disagree about where it is, and the weights keep moving about it.",
    numbers: {
      steps: "steps",
      loss: "final loss",
      noise: "variance of the noise",
      error: "largest error of a weight",
    },
    tries: [
      "Batches of a hundred rows: ten times as many steps in an epoch, and more trembling.",
      "A rate a hundred times larger: the floor is reached within the first epochs.",
      "Momentum keeps part of the last step, and arrives earlier.",
    ],
  },
  "sgd-large": {
    title: "Stochastic gradient descent on more rows",
    question: "What changes with a hundred times as many rows?",
    method:
      "The same training on a million rows, in batches of ten thousand, streamed from disk. The rows are shuffled in a window that fits into memory.",
    look: "What counts is the number of steps, not that of epochs: an epoch of a hundred batches takes a hundred steps. Larger batches estimate the gradient better, so the curve trembles less.",
    numbers: {
      rows: "rows",
      steps: "steps",
      loss: "final loss",
      error: "largest error of a weight",
    },
    tries: [
      "A rate ten times larger: the floor comes within reach.",
      "Batches of a hundred thousand rows: a smoother curve, and a tenth of the steps.",
    ],
  },
} satisfies Record<string, LessonWords>;
