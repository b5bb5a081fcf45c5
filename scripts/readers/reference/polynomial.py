"""Horner's rule in float32: docs/random-numbers.md, "Normals"."""

import numpy


def polynomial(coefficients, t):
    p = numpy.float32(coefficients[0])
    for coefficient in coefficients[1:]:
        p = p * t + numpy.float32(coefficient)
    return p
