"""Points and directions of a landscape: docs/landscapes.md, "Where it leads" and "Random directions"."""

import numpy

from normals import normals

DIRECTIONS = 9
SECOND_POINT = 1000
SECOND_DIRECTION = 2000


def random_arrays(shapes, seed, first_row, scale=1.0):
    """scale · N(0,1), one array for each shape."""
    arrays = []
    for number, shape in enumerate(shapes):
        drawn = normals(seed, DIRECTIONS, first_row + number, int(numpy.prod(shape)))
        arrays.append((scale * drawn.astype("f8")).astype("f4").reshape(shape))
    return arrays


def between(start, end):
    """The direction from one point to another."""
    return [(b.astype("f8") - a.astype("f8")).astype("f4") for a, b in zip(start, end)]


def filter_normalized(direction, centre):
    """Each filter of a direction with the norm that it has in the centre; biases do not move."""
    normalized = []
    for v, w in zip(direction, centre):
        if v.ndim < 2:
            normalized.append(numpy.zeros_like(v))
            continue
        own = numpy.zeros(v.shape[1])
        wanted = numpy.zeros(v.shape[1])
        for row in range(v.shape[0]):
            own = own + v[row].astype("f8") ** 2
            wanted = wanted + w[row].astype("f8") ** 2
        factor = numpy.sqrt(numpy.divide(wanted, own, out=numpy.zeros_like(own), where=own > 0))
        normalized.append((factor * v.astype("f8")).astype("f4"))
    return normalized


def spaced(start, end, count, endpoint=True):
    """The points of an interval."""
    if count == 1:
        return numpy.array([start], dtype="f8")
    m = count - 1 if endpoint else count
    i = numpy.arange(count)
    return (start * (m - i) + end * i) / m
