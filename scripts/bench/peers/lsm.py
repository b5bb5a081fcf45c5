"""The linear data with NumPy + pyarrow: a record batch at a time, float32 throughout."""

import numpy as np

from table_files import BATCH_ROWS, run, write_shards


def job(options):
    features = options["features"]
    generator = np.random.default_rng(42)
    w = generator.standard_normal(features, dtype=np.float32)
    noise = np.float32(0.1)

    def batches(_, rows):
        for done in range(0, rows, BATCH_ROWS):
            count = min(BATCH_ROWS, rows - done)
            x = generator.standard_normal((count, features), dtype=np.float32)
            y = x @ w + noise * generator.standard_normal(count, dtype=np.float32)
            yield x, y

    write_shards(options, batches)


run(job)
