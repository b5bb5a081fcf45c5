"""What Dropout leaves out: docs/training.md, "Models", and TensorFlow.js's own draws from a seed."""

from math import floor

import numpy

from philox import words

DROPOUT = 11


def dropout_factors(seed, step, layer, shape, rate):
    """What a Dropout layer multiplies its input by in a step: 0 or 1/(1 − rate)."""
    random = alea(str(int(words(seed, DROPOUT, step, layer + 1)[layer]) + 1))
    drawn = numpy.array([next(random) for _ in range(int(numpy.prod(shape)))], dtype="f4")
    keep = numpy.float32(1 - rate)
    return (numpy.floor(drawn + keep) / keep).reshape(shape)


def alea(seed):
    """Johannes Baagøe's Alea, with which TensorFlow.js draws uniform numbers (npm's seedrandom)."""
    mash = masher()
    s = [mash(" "), mash(" "), mash(" ")]
    for place in range(3):
        s[place] -= mash(seed)
        if s[place] < 0:
            s[place] += 1
    c = 1
    while True:
        t = 2091639 * s[0] + c * 2.0**-32
        c = floor(t)
        s = [s[1], s[2], t - c]
        yield s[2]


def masher():
    n = float(0xEFC8249D)

    def mash(text):
        nonlocal n
        for character in text:
            n += ord(character)
            h = 0.02519603282416938 * n
            n = float(int(h) % 2**32)
            h -= n
            h *= n
            n = float(int(h) % 2**32)
            h -= n
            n += h * 2**32
        return (int(n) % 2**32) * 2.0**-32

    return mash
