"""The orders of an epoch: docs/shuffling.md, "The orders exactly"."""

from fractions import Fraction
from math import ceil

import numpy

from permutation import permutation
from philox import grouped_words, words

SHARDS, BLOCKS, WITHIN, DEAL = 5, 6, 7, 8
# Words or groups that are made at once.
STEP = 256


def epoch_order(mode, shard_rows, seed, epoch, buffer_shards=8):
    """The numbers of an epoch's rows in their order."""
    if mode == "buffer":
        return buffer_order(shard_rows, seed, epoch, buffer_shards)
    orders = {
        "none": none_order,
        "shards": shards_order,
        "window": window_order,
        "global": global_order,
    }
    return numpy.array(orders[mode](shard_rows, seed, epoch), dtype=numpy.int64)


def none_order(shard_rows, seed, epoch):
    return numpy.arange(sum(shard_rows))


def shards_order(shard_rows, seed, epoch):
    starts = numpy.cumsum([0, *shard_rows])
    order = permutation(len(shard_rows), sequence(seed, SHARDS, 2**32 * epoch))
    return joined([numpy.arange(starts[shard], starts[shard + 1]) for shard in order])


def window_order(shard_rows, seed, epoch):
    block_rows = rows_a_block(shard_rows)
    blocks = joined_lists(blocks_of(shard_rows, block_rows))
    order = permutation(len(blocks), sequence(seed, BLOCKS, 2**32 * epoch))
    windows = []
    for number, first in enumerate(range(0, len(blocks), 256)):
        rows = joined([blocks[block] for block in order[first : first + 256]])
        windows.append(permuted_in_memory(rows, seed, 2**32 * epoch + number))
    return joined(windows)


def rows_a_block(shard_rows):
    chunk_rows = min(2**18, max(2**14, ceil(max(shard_rows, default=0) / 4)))
    return ceil(chunk_rows / 256)


def blocks_of(shard_rows, block_rows):
    """The row numbers of each block of each shard."""
    starts = numpy.cumsum([0, *shard_rows])
    return [
        [
            numpy.arange(first, min(end, first + block_rows))
            for first in range(start, end, block_rows)
        ]
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist())
    ]


def joined_lists(lists):
    return [item for one in lists for item in one]


def buffer_order(shard_rows, seed, epoch, buffer_shards):
    n = len(shard_rows)
    shards = blocks_of(shard_rows, rows_a_block(shard_rows))
    keyed = []
    for place, shard in enumerate(permutation(n, sequence(seed, SHARDS, 2**32 * epoch))):
        low = max(Fraction(0), place - Fraction(buffer_shards, 2))
        high = min(Fraction(n), place + Fraction(buffer_shards, 2))
        drawn = words(seed, BLOCKS, 2**32 * epoch + place, max(1, len(shards[shard])))
        for number, (word, rows) in enumerate(zip(drawn, shards[shard])):
            key = float(low + (high - low) * Fraction(int(word), 2**32))
            keyed.append((key, shard, number, rows))
    keyed.sort(key=lambda block: block[:3])
    chunks = []
    for stage in range(n + 1):
        begin = stage - Fraction(buffer_shards % 2, 2)
        inside = [rows for key, _, _, rows in keyed if begin <= key < begin + 1]
        parts = ceil(len(inside) / 256)
        for part in range(parts):
            chosen = inside[len(inside) * part // parts : len(inside) * (part + 1) // parts]
            number = len(chunks)
            chunks.append(permuted_in_memory(joined(chosen), seed, 2**32 * epoch + number))
    return joined(chunks)


def global_order(shard_rows, seed, epoch):
    rows = sum(shard_rows)
    largest = max(shard_rows, default=0)
    bits = least_bits(rows / max(2**13, min(rows / 64, largest / 4, 2**17)), 16)
    buckets = dealt(rows, bits, seed, DEAL, epoch)
    return joined(
        [
            permuted_in_memory(bucket, seed, 2**32 * epoch + number)
            for number, bucket in enumerate(buckets)
        ]
    )


def permuted_in_memory(rows, seed, stream_row):
    bits = least_bits(len(rows) / 2**13, 32)
    group = ceil(len(rows) / 16)
    ordered = []
    for bucket in dealt(len(rows), bits, seed, WITHIN, stream_row):
        taken = GroupedWords(seed, WITHIN, stream_row, group)
        order = permutation(len(bucket), taken)
        group += taken.groups_used()
        ordered.append(rows[bucket[order]])
    return joined(ordered)


def dealt(count, bits, seed, stream, stream_row):
    """The numbers 0 … count − 1 in 2^bits buckets, ascending in each."""
    drawn = grouped_words(seed, stream, stream_row, 0, ceil(count / 16))[:count]
    bucket = drawn.astype(numpy.uint64) >> numpy.uint64(32 - bits)
    return [numpy.flatnonzero(bucket == number) for number in range(2**bits)]


def least_bits(quotient, most):
    """The least b with 2^b ≥ quotient, at most `most`."""
    return next((bits for bits in range(most) if 2**bits >= quotient), most)


def joined(arrays):
    return numpy.concatenate([numpy.zeros(0, dtype=numpy.int64), *arrays])


def sequence(seed, stream, row):
    """The words of a sequence, one after the other."""
    count = STEP
    done = 0
    while True:
        for word in words(seed, stream, row, count)[done:]:
            yield int(word)
        done, count = count, 2 * count


class GroupedWords:
    """An iterator over grouped words that knows how many groups it has begun."""

    def __init__(self, seed, stream, row, first_group):
        self.source = (seed, stream, row)
        self.group = first_group
        self.made = []
        self.used = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.used == len(self.made):
            group = self.group + self.used // 16
            self.made += grouped_words(*self.source, group, STEP).tolist()
        word = self.made[self.used]
        self.used += 1
        return word

    def groups_used(self):
        return ceil(self.used / 16)
