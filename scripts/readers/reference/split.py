"""Which rows belong to which subset: docs/streaming.md, "Subsets for training and validation"."""

from math import floor

import numpy

from philox import words

SPLITS = 10


def bounds(fractions):
    """The bounds e₀, e₁, … of the subsets' words."""
    total = 0.0
    ends = [0]
    for fraction in fractions:
        total = total + fraction
        ends.append(min(2**32, floor(2**32 * total + 0.5)))
    if total > 1 - 1e-9:
        ends[-1] = 2**32
    return ends


def split(rows, fractions, seed, level=0, of=None):
    """The numbers of the rows of each subset.

    rows: how many the first table has; level: how many splits the table is a result of, whose
    rows are `of`.
    """
    own = numpy.arange(rows) if of is None else of
    drawn = words(seed, SPLITS, level, rows).astype(numpy.int64)[own]
    ends = bounds(fractions)
    return [
        own[(drawn >= start) & (drawn < end)] for start, end in zip(ends[:-1], ends[1:])
    ]
