"""Rows, true weights and maxima of both kinds of dataset: docs/datasets.md, "The two kinds"."""

import numpy

from logistic import logistic
from normals import normals, normals_of_rows

FEATURES, NOISE, SECOND_NOISE, TRUE_WEIGHTS = 0, 1, 2, 3
# Rows that are computed at once.
STEP = 100_000

f32 = numpy.float32


def true_weights(kind, features, seed):
    if kind == "lsm":
        return {"w": normals(seed, TRUE_WEIGHTS, 0, features)}
    return {
        "w1": normals(seed, TRUE_WEIGHTS, 0, 2 * features * features),
        "w2": normals(seed, TRUE_WEIGHTS, 1, 2 * features),
    }


def features_of(features, seed, rows):
    return normals_of_rows(seed, FEATURES, rows, features)


def noise_of(stream, seed, rows):
    return normals_of_rows(seed, stream, rows, 1)[:, 0]


def lsm_targets(x, noise, seed, rows):
    w = true_weights("lsm", x.shape[1], seed)["w"]
    total = numpy.zeros(len(rows))
    for feature, weight in enumerate(w):
        total = total + x[:, feature].astype("f8") * float(weight)
    return (total + noise * noise_of(NOISE, seed, rows).astype("f8")).astype(f32)


def first_layer(x, noise, seed, rows):
    """a of every hidden unit, float32 of shape (units, rows), before it is divided."""
    features = x.shape[1]
    w1 = true_weights("two-layer-sigmoid", features, seed)["w1"].reshape(features, -1)
    activations = logistic(x)
    scaled = f32(noise) * noise_of(NOISE, seed, rows)
    units = []
    for unit in range(2 * features):
        total = numpy.zeros(len(rows), dtype=f32)
        for feature in range(features):
            total = total + activations[:, feature] * w1[feature, unit]
        units.append(total + scaled)
    return numpy.stack(units)


def second_layer(a, maximum, noise, seed, rows):
    """b, float32, before it is divided."""
    w2 = true_weights("two-layer-sigmoid", len(a) // 2, seed)["w2"]
    total = numpy.zeros(len(rows), dtype=f32)
    for unit, weight in enumerate(w2):
        total = total + logistic(a[unit] / f32(maximum) - f32(0.5)) * weight
    return total + f32(noise) * noise_of(SECOND_NOISE, seed, rows)


def generate(kind, features, noise, seed, first, count):
    """Rows first … first + count − 1 of a dataset whose rows these are: x, y and the maxima or None.

    The targets of two-layer-sigmoid need all rows of the dataset, so first must be 0 and count all.
    """
    parts = [
        numpy.arange(start, min(start + STEP, first + count), dtype=numpy.uint64)
        for start in range(first, first + count, STEP)
    ]
    x = [features_of(features, seed, rows) for rows in parts]
    if kind == "lsm":
        y = [lsm_targets(part, noise, seed, rows) for part, rows in zip(x, parts)]
        return numpy.concatenate(x), numpy.concatenate(y), None
    a = [first_layer(part, noise, seed, rows) for part, rows in zip(x, parts)]
    first_maximum = max(part.max() for part in a)
    b = [second_layer(part, first_maximum, noise, seed, rows) for part, rows in zip(a, parts)]
    second_maximum = max(part.max() for part in b)
    y = numpy.concatenate(b) / second_maximum
    return numpy.concatenate(x), y, (first_maximum, second_maximum)
