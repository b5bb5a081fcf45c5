"""Words and reals of a seed, a stream and a row: docs/random-numbers.md, "Generator", "Grouped words" and "Reals"."""

import numpy

LOW = numpy.uint64(0xFFFFFFFF)
HALF = numpy.uint64(32)
MULTIPLIERS = (numpy.uint64(0xD2511F53), numpy.uint64(0xCD9E8D57))
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)


def philox(key, counter):
    """The four words of each counter: key is two integers, counter four arrays of uint64 below 2^32."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        first = MULTIPLIERS[0] * c0
        second = MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (second >> HALF) ^ c1 ^ numpy.uint64(k0),
            second & LOW,
            (first >> HALF) ^ c3 ^ numpy.uint64(k1),
            first & LOW,
        )
        k0 = (k0 + KEY_STEPS[0]) % 2**32
        k1 = (k1 + KEY_STEPS[1]) % 2**32
    return c0, c1, c2, c3


def blocks(seed, stream, rows, block_numbers):
    """Words of blocks, uint32 of shape (len(rows), len(block_numbers), 4)."""
    row = numpy.asarray(rows, dtype=numpy.uint64)[:, None]
    block = numpy.asarray(block_numbers, dtype=numpy.uint64)[None, :]
    counter = numpy.broadcast_arrays(block, row & LOW, row >> HALF, numpy.uint64(stream))
    words = philox((seed % 2**32, seed // 2**32), counter)
    return numpy.stack(words, axis=-1).astype(numpy.uint32)


def words_of_rows(seed, stream, rows, count):
    """The first words of each row's sequence, uint32 of shape (len(rows), count)."""
    made = blocks(seed, stream, rows, numpy.arange((count + 3) // 4))
    return made.reshape(len(rows), -1)[:, :count]


def words(seed, stream, row, count):
    """Words 0 … count − 1 of one sequence."""
    return words_of_rows(seed, stream, [row], count)[0]


def grouped_words(seed, stream, row, first_group, groups):
    """Grouped words from 16 · first_group on, 16 a group."""
    made = blocks(seed, stream, [row], numpy.arange(4 * first_group, 4 * (first_group + groups)))
    # Of a group's blocks all first words, then all second words, …
    return made.reshape(groups, 4, 4).transpose(0, 2, 1).reshape(-1)


def reals(seed, stream, row, count):
    """Reals between 0 and 1, float64, one a word."""
    return (words(seed, stream, row, count) + 0.5) / 2**32
