"""Quantiles over batches: docs/landscapes.md, "Its files"."""

from math import floor

import numpy


def quantile(losses, p):
    """losses: float64 of shape (batches, points); the quantile at each point."""
    ordered = numpy.sort(losses, axis=0)
    position = p * (len(losses) - 1)
    i = floor(position)
    w = position - i
    if w == 0:
        return ordered[i]
    low, high = ordered[i], ordered[i + 1]
    return numpy.where(low == high, low, low + w * (high - low))
