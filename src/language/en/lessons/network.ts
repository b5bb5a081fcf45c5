import type { LessonWords } from "../../lesson.js";

/** The network and its data. */
export const network = {
  "two-layer-sigmoid-data": {
    title: "The two-layer-sigmoid data",
    question: "What does data look like that no straight line fits?",
    method:
      "Send the features through two layers of sigmoids with random weights, add noise of standard deviation ν to both, and divide each layer by its largest value over all rows.",
    look: "The targets are squeezed into a narrow range, and their largest value is 1. A linear model can follow them only in part; a network can do better. The two maxima are over the whole dataset, so vadi finds them in passes of their own.",
    numbers: {
      first: "maximum of the first layer",
      second: "maximum of the second layer",
      mean: "mean of y",
      variance: "variance of y",
    },
    tries: [
      "No noise: what is left is the function itself.",
      "Another seed is another function, with other maxima; where the second one is negative, vadi warns.",
    ],
  },
  mlp: {
    title: "Training on the two-layer-sigmoid data",
    question: "How does a network learn what a line cannot?",
    method:
      "A network with two hidden layers of ReLU units, trained by SGD. Its loss is no longer a quadratic, and no formula gives the best weights: only steps are left.",
    look: "The loss falls fast at first and then slowly, without the straight line of the linear model. Compare it with the variance of y, which is the loss of always predicting the mean: only below it has the network learned something about the features.",
    numbers: {
      epochs: "epochs",
      loss: "final loss",
      variance: "variance of y: loss of the mean",
    },
    tries: [
      "A rate a hundred times larger: much further in the same number of steps.",
      "Adam chooses the length of the step for each weight.",
      "One wide hidden layer instead of two.",
    ],
  },
  "mlp-batches-overlaid": {
    title: "The loss of single batches of a network, overlaid",
    question: "What does the valley of a network look like from far away?",
    method:
      "Walk through the trained weights along a direction that is random in every layer, far to both sides, and compute the loss of five batches at each point.",
    look: "A steep funnel: far out the loss is many thousand times larger, since the layers multiply each other. It is no parabola. The logarithmic axis shows the floor, which the linear one hides.",
    numbers: {
      far: "mean loss at the start of the line",
      lowestAt: "α of the lowest mean loss",
      lowest: "lowest mean loss",
      trained: "final loss of the training",
    },
    tries: [
      "Let vadi find the scale at which the loss is tenfold: here the floor shows.",
      "Along the path of the training: the direction in which the weights moved most.",
      "Batches of a hundred rows: the curves come apart.",
    ],
  },
  "mlp-zoom": {
    title: "The loss near the trained weights",
    question: "Is the bottom of the valley round when we look closely?",
    method:
      "The same direction, two hundred times closer. Beside it stands the wide view, in which the range of the zoom is marked.",
    look: "What looked like the floor of the funnel may be a slope close up: SGD has stopped on the way down. The curves of the batches now lie as far apart as each of them rises: at this distance the noise of the batches decides where a step leads.",
    numbers: {
      lowestAt: "α of the lowest mean loss",
      lowest: "lowest mean loss",
      highest: "highest mean loss on the line",
      trained: "final loss of the training",
    },
    tries: [
      "Ten times farther out: the slope begins to bend.",
      "Along the gradient: the steepest way down from here.",
      "Train with a larger rate first: the zoom then shows a floor that is nearly reached.",
    ],
  },
  "non-convexity": {
    title: "What breaks convexity",
    question: "Is this valley convex? And if not, how can we be sure?",
    method:
      "A convex loss bends upwards along every line. One line that bends downwards somewhere is therefore a proof to the contrary. It is enough that the loss half-way between two points u and v is higher than the mean of the losses at both. vadi looks for such lines and bounds the rounding of what it finds.",
    look: "If the loss rises between two networks that predict the same, that is a barrier, which a convex loss cannot have. A negative eigenvalue of the Hessian is a direction in which the ground bends downwards. The linear model has neither.",
    numbers: {
      least: "least eigenvalue of the Hessian",
      largest: "largest eigenvalue",
      barrier: "height of the barrier",
    },
    tries: [
      "Fewer epochs: the negative curvature is found nearer to the start.",
      "No noise in the data: the network is still not convex.",
    ],
  },
} satisfies Record<string, LessonWords>;
