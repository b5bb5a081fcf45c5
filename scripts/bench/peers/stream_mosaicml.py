"""MosaicML streaming: rows in its own format (written before the clock starts), shuffled, batched by torch."""

import json
import resource
import sys
import time

import numpy as np
from streaming import MDSWriter, StreamingDataLoader, StreamingDataset
from streaming.base.util import clean_stale_shared_memory

options = json.loads(sys.argv[1])
rows, features, size = options["rows"], options["features"], options["batchSize"]
packed = np.memmap(options["packed"], dtype=np.float32, mode="r", shape=(options["rowsInFile"], features + 1))


def main():
    clean_stale_shared_memory()
    columns = {"x": f"ndarray:float32:{features}", "y": "float32"}
    with MDSWriter(out=options["out"], columns=columns) as writer:
        for row in packed[:rows]:
            writer.write({"x": np.array(row[:features]), "y": row[features]})
    data = StreamingDataset(local=options["out"], shuffle=True, batch_size=size)
    loader = StreamingDataLoader(data, batch_size=size, num_workers=0)
    count = 0
    started = time.perf_counter()
    for batch in loader:
        count += len(batch["y"])
    seconds = time.perf_counter() - started
    if count < rows:
        raise RuntimeError(f"{count} rows came, not {rows}.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": seconds, "peakRssBytes": peak * unit}))


if __name__ == "__main__":
    main()
