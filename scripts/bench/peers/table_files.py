"""Writes shards as vadi does: temporary name, fsync, rename, fsync of the folder."""

import json
import os
import resource
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 65_536


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def publish(temporary, file):
    sync(temporary)
    os.rename(temporary, file)
    sync(os.path.dirname(file))


def arrow_schema(features):
    item = pa.field("item", pa.float32(), nullable=False)
    return pa.schema(
        [
            pa.field("x", pa.list_(item, features), nullable=False),
            pa.field("y", pa.float32(), nullable=False),
        ]
    )


def write_arrow(file, features, batches):
    """batches: (x of rows × D, y of rows), float32."""
    schema = arrow_schema(features)
    temporary = file + ".tmp"
    with pa.OSFile(temporary, "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for x, y in batches:
            values = pa.array(x.reshape(-1))
            column = pa.FixedSizeListArray.from_arrays(values, type=schema.field("x").type)
            writer.write_batch(pa.record_batch([column, pa.array(y)], schema=schema))
    publish(temporary, file)


def write_parquet(file, features, compression, batches):
    names = [f"x{feature}" for feature in range(features)] + ["y"]
    schema = pa.schema([pa.field(name, pa.float32(), nullable=False) for name in names])
    temporary = file + ".tmp"
    # No dictionary: random floats do not repeat, and it would only slow the writer down.
    with pq.ParquetWriter(
        temporary, schema, compression=compression, use_dictionary=False
    ) as writer:
        for x, y in batches:
            columns = [pa.array(column) for column in np.ascontiguousarray(x.T)]
            writer.write_batch(pa.record_batch([*columns, pa.array(y)], schema=schema))
    publish(temporary, file)


def write_shards(options, batches_of):
    """Shard after shard; batches_of(first, rows) makes the rows."""
    for shard, first in enumerate(range(0, options["rows"], options["shardRows"])):
        rows = min(options["shardRows"], options["rows"] - first)
        name = os.path.join(options["out"], f"shard-{shard:05d}.{options['format']}")
        batches = batches_of(first, rows)
        if options["format"] == "arrow":
            write_arrow(name, options["features"], batches)
        else:
            write_parquet(name, options["features"], options["compression"], batches)


def run(job):
    """Times the job alone, without Python's start and its imports."""
    options = json.loads(sys.argv[1])
    os.makedirs(options["out"])
    started = time.perf_counter()
    more = job(options) or {}
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps({"seconds": seconds, "peakRssBytes": peak_bytes, **more}))
