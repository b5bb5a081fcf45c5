"""Uniform permutations: docs/random-numbers.md, "Permutations"."""

# Words that were not used, since they would have made some orders likelier than others.
rejected = 0


def permutation(n, words):
    """The order of n items; words is an iterator over words, of which it takes what it needs."""
    global rejected
    order = list(range(n))
    for choices in range(n, 1, -1):
        bound = 2**32 % choices
        while True:
            m = next(words) * choices
            if m % 2**32 >= bound:
                break
            rejected += 1
        chosen = m >> 32
        order[chosen], order[choices - 1] = order[choices - 1], order[chosen]
    return order
