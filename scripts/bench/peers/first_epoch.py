"""One epoch over a memory-mapped file of float32 rows, in file order or indexed by a permutation."""

import json
import resource
import sys
import time

import numpy as np

options = json.loads(sys.argv[1])
rows, features, size = options["rows"], options["features"], options["batchSize"]
started = time.perf_counter()
packed = np.memmap(options["packed"], dtype=np.float32, mode="r", shape=(rows, features + 1))
order = np.random.default_rng(1).permutation(rows) if options["permuted"] else None
first, count = 0.0, 0
for at in range(0, rows, size):
    batch = np.array(packed[at : at + size]) if order is None else packed[order[at : at + size]]
    if count == 0:
        first = time.perf_counter() - started
    count += len(batch)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "firstBatch": first, "rows": count, "peakRssBytes": peak}))
