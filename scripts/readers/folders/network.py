"""Dense networks in float64: docs/training.md, "Files of a run"; their Hessian: docs/curvature.md."""

import numpy


class Network:
    """Layers of kernels and biases, ReLU between them; x and y are rows."""

    def __init__(self, arrays, has_bias):
        self.has_bias = has_bias
        step = 2 if has_bias else 1
        arrays = [numpy.asarray(array, dtype="f8") for array in arrays]
        self.layers = [arrays[i : i + step] for i in range(0, len(arrays), step)]

    def forward(self, x):
        """The inputs of each layer, and the predictions."""
        inputs, a = [], x.astype("f8")
        for number, (kernel, *bias) in enumerate(self.layers):
            inputs.append(a)
            a = a @ kernel + sum(bias)
            if number < len(self.layers) - 1:
                a = numpy.maximum(a, 0)
        return inputs, a[:, 0]

    def loss(self, x, y):
        return ((self.forward(x)[1] - y) ** 2).mean()

    def gradient(self, x, y):
        """Of the mean squared error, an array for each of the model's."""
        inputs, predicted = self.forward(x)
        error = (2 / len(y)) * (predicted - y)[:, None]
        gradients = []
        for number in reversed(range(len(self.layers))):
            here = [inputs[number].T @ error] + ([error.sum(axis=0)] if self.has_bias else [])
            gradients = here + gradients
            if number > 0:
                error = (error @ self.layers[number][0].T) * (inputs[number] > 0)
        return gradients

    def product(self, x, y, vector, gauss_newton=False):
        """The Hessian times a vector (Pearlmutter's R-operator), or only the part of it without residuals."""
        inputs, predicted = self.forward(x)
        n, last = len(y), len(self.layers) - 1
        v = Network(vector, self.has_bias).layers
        moved, r_inputs = numpy.zeros_like(inputs[0]), []
        for number, (kernel, *_) in enumerate(self.layers):
            r_inputs.append(moved)
            moved = moved @ kernel + inputs[number] @ v[number][0] + sum(v[number][1:])
            if number < last:
                moved = moved * (inputs[number + 1] > 0)
        error = (2 / n) * (predicted - y)[:, None] * (0 if gauss_newton else 1)
        r_error = (2 / n) * moved
        products = []
        for number in reversed(range(len(self.layers))):
            here = [r_inputs[number].T @ error + inputs[number].T @ r_error]
            here += [r_error.sum(axis=0)] if self.has_bias else []
            products = here + products
            if number > 0:
                active = inputs[number] > 0
                r_error = (r_error @ self.layers[number][0].T + error @ v[number][0].T) * active
                error = (error @ self.layers[number][0].T) * active
        return products

    def hessian(self, x, y, gauss_newton=False):
        arrays = [array for layer in self.layers for array in layer]
        size = sum(array.size for array in arrays)
        columns = []
        for column in numpy.eye(size):
            product = self.product(x, y, shaped(column, arrays), gauss_newton)
            columns.append(flat(product))
        return numpy.array(columns)


def flat(arrays):
    return numpy.concatenate([numpy.asarray(array, dtype="f8").reshape(-1) for array in arrays])


def shaped(vector, arrays):
    ends = numpy.cumsum([array.size for array in arrays])[:-1]
    parts = numpy.split(vector, ends)
    return [part.reshape(array.shape) for part, array in zip(parts, arrays)]


def updated(optimizer, options, weights, slots, gradients, step):
    """Weights and slots after a step: docs/training.md, "Optimisers"."""
    rate = options["learningRate"]
    if optimizer == "sgd":
        return [w - rate * g for w, g in zip(weights, gradients)], {}
    if optimizer == "momentum":
        zeros = [numpy.zeros_like(w) for w in weights]
        v = [
            options["momentum"] * old + g
            for old, g in zip(slots.get("velocity", zeros), gradients)
        ]
        return [w - rate * each for w, each in zip(weights, v)], {"velocity": v}
    if optimizer == "adam":
        b1, b2 = options["beta1"], options["beta2"]
        zeros = [numpy.zeros_like(w) for w in weights]
        m = [b1 * old + (1 - b1) * g for old, g in zip(slots.get("mean", zeros), gradients)]
        s = [b2 * old + (1 - b2) * g**2 for old, g in zip(slots.get("square", zeros), gradients)]
        after = [
            w - rate * (a / (1 - b1**step)) / (numpy.sqrt(b / (1 - b2**step)) + options["epsilon"])
            for w, a, b in zip(weights, m, s)
        ]
        return after, {"mean": m, "square": s}
    raise ValueError(f"{optimizer} is not computed here")
