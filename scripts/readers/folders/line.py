"""The mean loss of a ReLU network along a line, as the polynomials that it consists of: docs/curvature.md, "Certify a line"."""

import numpy
from numpy.polynomial import Polynomial


def real_roots(polynomial, start, end):
    """Where a polynomial changes its sign between two places."""
    roots = polynomial.trim().roots()
    places = numpy.sort(roots.real[abs(roots.imag) < 1e-9 * (1 + abs(roots.real))])
    return [place for place in places if start < place < end]


def row_pieces(centre, direction, x, start, end):
    """
    The prediction for a row, piece by piece.

    centre and direction are lists of (kernel, bias); returns the pieces' ends, their polynomials in α, and for each
    place between two pieces the (layer, unit) that switches there.
    """
    last = len(centre) - 1
    pieces = [(start, end, [Polynomial([value]) for value in x.astype("f8")])]
    switches = {}
    for layer, ((kernel, bias), (moved, moved_bias)) in enumerate(zip(centre, direction)):
        divided = []
        for left, right, inputs in pieces:
            outputs = [
                sum(
                    (a * Polynomial([w, v]) for a, w, v in zip(inputs, kernel[:, unit], moved[:, unit])),
                    Polynomial([bias[unit], moved_bias[unit]]),
                )
                for unit in range(kernel.shape[1])
            ]
            if layer == last:
                divided.append((left, right, outputs))
                continue
            places = {}
            for unit, output in enumerate(outputs):
                places |= {place: (layer + 1, unit) for place in real_roots(output, left, right)}
            switches |= places
            ends = [left, *sorted(places), right]
            for a, b in zip(ends, ends[1:]):
                on = [output((a + b) / 2) > 0 for output in outputs]
                divided.append((a, b, [o if is_on else Polynomial([0]) for o, is_on in zip(outputs, on)]))
        pieces = divided
    ends = numpy.array([left for left, _, _ in pieces] + [end])
    return ends, [outputs[0] for _, _, outputs in pieces], [switches.get(place) for place in ends[1:-1]]


class Line:
    """The mean squared error over rows along centre + α·direction, from start to end."""

    def __init__(self, centre, direction, x, y, start, end):
        self.start, self.end = start, end
        self.rows, self.kinks = [], []
        for number, (row, target) in enumerate(zip(x, y)):
            ends, predicted, switches = row_pieces(centre, direction, row, start, end)
            losses = [(p - float(target)) ** 2 / len(y) for p in predicted]
            self.rows.append((ends, losses))
            for at, switch in enumerate(switches):
                jump = losses[at + 1].deriv()(ends[at + 1]) - losses[at].deriv()(ends[at + 1])
                self.kinks.append((ends[at + 1], jump, number, *switch))
        self.kinks.sort()
        places = [start, *(kink[0] for kink in self.kinks), end]
        self.gaps = [
            (a, b, self.polynomial((a + b) / 2)) for a, b in zip(places, places[1:]) if b > a
        ]

    def polynomial(self, alpha):
        """The mean loss around a place that is no kink."""
        pieces = []
        for ends, losses in self.rows:
            at = numpy.searchsorted(ends, alpha) - 1
            pieces.append(losses[min(max(at, 0), len(losses) - 1)])
        return sum(pieces, Polynomial([0]))

    def second_derivatives(self, start, end):
        """The least and the largest second derivative between two places."""
        least, largest = numpy.inf, -numpy.inf
        for left, right, loss in self.gaps:
            a, b = max(start, left), min(end, right)
            if a >= b:
                continue
            bend = loss.deriv(2)
            values = bend(numpy.array([a, b, *real_roots(bend.deriv(), a, b)]))
            least, largest = min(least, values.min()), max(largest, values.max())
        return least, largest
