"""Standard normals of a seed, a stream and a row: docs/random-numbers.md, "Normals"."""

import numpy

from philox import words_of_rows
from polynomial import polynomial

LOGARITHM = [
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
]
SINE = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
COSINE = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]

f32 = numpy.float32


def radius(words):
    is_low = words < 2**31
    # Below one half.
    x = words.astype(f32) + f32(0.5)
    b = x.view(numpy.int32) - numpy.int32(0x3F3504F3)
    e_low = (b >> 23).astype(f32) - f32(32)
    f_low = ((b & 0x007FFFFF) + numpy.int32(0x3F3504F3)).view(f32) - f32(1)
    # From one half on.
    v = ((~words).astype(f32) + f32(0.5)) * f32(2.0**-32)
    is_far = v > f32(0.29289321881)
    e_high = numpy.where(is_far, f32(-1), f32(0))
    f_high = numpy.where(is_far, f32(1) - (v + v), -v)

    e = numpy.where(is_low, e_low, e_high)
    f = numpy.where(is_low, f_low, f_high)
    z = f * f
    y = (polynomial(LOGARITHM, f) * f) * z
    y = y + e * f32(-2.12194440e-4)
    y = y - z * f32(0.5)
    return numpy.sqrt(((f + y) + e * f32(0.693359375)) * f32(-2))


def cosine_and_sine(words):
    q = (words + numpy.uint32(2**29)) >> numpy.uint32(30)
    r = (words - (q << numpy.uint32(30))).view(numpy.int32)
    a = (r.astype(f32) + f32(0.5)) * f32(1.4629180792671596e-9)
    z = a * a
    S = ((polynomial(SINE, z) * z) * a) + a
    C = (((polynomial(COSINE, z) * z) * z) - z * f32(0.5)) + f32(1)
    return numpy.choose(q, [C, -S, -C, S]), numpy.choose(q, [S, C, -S, -C])


def normals_of_rows(seed, stream, rows, count):
    """The first normals of each row's sequence, float32 of shape (len(rows), count)."""
    words = words_of_rows(seed, stream, rows, 2 * ((count + 1) // 2))
    length = radius(numpy.ascontiguousarray(words[:, 0::2]))
    cosine, sine = cosine_and_sine(numpy.ascontiguousarray(words[:, 1::2]))
    pairs = numpy.stack([length * cosine, length * sine], axis=-1)
    return pairs.reshape(len(rows), -1)[:, :count]


def normals(seed, stream, row, count):
    """Normals 0 … count − 1 of one sequence."""
    return normals_of_rows(seed, stream, [row], count)[0]
