"""Converts a table to one Parquet file by pyarrow, on all cores, a batch at a time."""

import json
import os
import resource
import sys
import time

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

options = json.loads(sys.argv[1])
os.mkdir(options["out"])
file = os.path.join(options["out"], "table.parquet")
started = time.perf_counter()
if options["source"].endswith(".csv"):
    reader = csv.open_csv(options["source"])
    schema, batches = reader.schema, reader
else:
    source = pq.ParquetFile(options["source"])
    schema, batches = source.schema_arrow, source.iter_batches(batch_size=131_072)
# Floats, as vadi writes them.
narrow = pa.schema([pa.field(field.name, pa.float32()) for field in schema])
with pq.ParquetWriter(file, narrow, compression="none", use_dictionary=False) as writer:
    for batch in batches:
        writer.write_batch(batch.cast(narrow))
for path in (file, options["out"]):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "peakRssBytes": peak}))
