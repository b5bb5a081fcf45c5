"""The logistic function in float32: docs/random-numbers.md, "Logistic function"."""

import numpy

from polynomial import polynomial

EXPONENTIAL = [
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
]

f32 = numpy.float32


def logistic(x):
    t = numpy.clip(-x, f32(-87), f32(87))
    k = t * f32(1.44269504088896341) + f32(12582912)
    n = k - f32(12582912)
    r = (t - n * f32(0.693359375)) - n * f32(-2.12194440e-4)
    p = (polynomial(EXPONENTIAL, r) * (r * r) + r) + f32(1)
    power = ((k.view(numpy.uint32) + numpy.uint32(127)) << numpy.uint32(23)).view(f32)
    return f32(1) / (f32(1) + p * power)
