"""Gradients of the linear model, clipped: docs/training.md, "Optimisers"."""

import numpy


def linear_gradient(x, y, w):
    """The gradient of the mean squared error, float64."""
    return 2 / len(y) * x.T @ (x @ w - y)


def clipped(gradients, c):
    """Scales all gradients together to a norm of at most c."""
    norm = numpy.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1, c / (norm + 1e-6)) for g in gradients]
