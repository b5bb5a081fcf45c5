"""Reads what vadi wrote: shards, models and result tables."""

import json

import numpy
import pyarrow.ipc
import pyarrow.parquet


def read_shard(file):
    """x, rows × D, and y of a shard of either format, float32."""
    if file.suffix == ".arrow":
        with pyarrow.ipc.open_file(file) as reader:
            table = reader.read_all()
        x = numpy.concatenate([chunk.flatten().to_numpy() for chunk in table["x"].chunks])
        return x.reshape(table.num_rows, -1), table["y"].to_numpy()
    table = pyarrow.parquet.ParquetFile(file).read()
    names = [f"x{feature}" for feature in range(table.num_columns - 1)]
    return numpy.column_stack([table[name].to_numpy() for name in names]), table["y"].to_numpy()


def read_rows(file, features):
    """The rows that cases.ts wrote: all features, then all targets."""
    values = numpy.fromfile(file, dtype="<f4")
    count = len(values) // (features + 1)
    return values[: count * features].reshape(count, features), values[count * features :]


def read_model(folder):
    """The weight arrays of a TensorFlow.js model, in the order of model.json."""
    described = json.loads((folder / "model.json").read_text())["weightsManifest"]
    arrays = []
    for group in described:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        start = 0
        for weight in group["weights"]:
            count = int(numpy.prod(weight["shape"]))
            values = numpy.frombuffer(data, dtype="<f4", count=count, offset=start)
            arrays.append(values.reshape(weight["shape"]))
            start += 4 * count
    return arrays


def read_table(file):
    """The columns of a result table by their names."""
    table = pyarrow.parquet.read_table(file)
    return {name: table[name].to_numpy() for name in table.column_names}
