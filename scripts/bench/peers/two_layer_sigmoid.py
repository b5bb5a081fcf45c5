"""The two-layer-sigmoid data with NumPy, everything in memory, then written with pyarrow."""

import time

import numpy as np

from table_files import BATCH_ROWS, run, write_shards


def sigmoid(values):
    # In place: the plain expression makes three more arrays of this size.
    np.negative(values, out=values)
    np.exp(values, out=values)
    values += 1
    np.reciprocal(values, out=values)
    return values


def job(options):
    started = time.perf_counter()
    rows, features = options["rows"], options["features"]
    generator = np.random.default_rng(42)
    noise = np.float32(0.1)
    w1 = generator.standard_normal((features, 2 * features), dtype=np.float32)
    w2 = generator.standard_normal(2 * features, dtype=np.float32)
    x = generator.standard_normal((rows, features), dtype=np.float32)
    a = sigmoid(x.copy()) @ w1
    a += noise * generator.standard_normal((rows, 1), dtype=np.float32)
    a /= a.max()
    a -= np.float32(0.5)
    y = sigmoid(a) @ w2
    y += noise * generator.standard_normal(rows, dtype=np.float32)
    y /= y.max()
    in_memory = time.perf_counter() - started

    def batches(first, count):
        for done in range(first, first + count, BATCH_ROWS):
            end = min(done + BATCH_ROWS, first + count)
            yield x[done:end], y[done:end]

    write_shards(options, batches)
    return {"inMemorySeconds": in_memory}


run(job)
