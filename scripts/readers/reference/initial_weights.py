"""Weights before the first step: docs/training.md, "Initial weights"."""

from math import sqrt

import numpy

from normals import normals
from philox import reals

INITIAL_WEIGHTS = 4


def initial_weights(widths, init, bias, seed):
    """The weight arrays in the order of model.json: of each layer the kernel and, with bias, the bias."""
    arrays = []
    for layer, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:])):
        count = (inputs + 1) * outputs
        if init.startswith("normal:"):
            drawn = normals(seed, INITIAL_WEIGHTS, layer, count).astype("f8")
            values = float(init.removeprefix("normal:")) * drawn
        else:
            u = reals(seed, INITIAL_WEIGHTS, layer, count)
            scale = 1 / sqrt(inputs) if init == "uniform" else sqrt(6 / (inputs + outputs))
            values = (2 * u - 1) * scale
        values = values.astype(numpy.float32)
        arrays.append(values[: inputs * outputs].reshape(inputs, outputs))
        if bias:
            own = values[inputs * outputs :]
            arrays.append(numpy.zeros_like(own) if init == "glorot" else own)
    return arrays
