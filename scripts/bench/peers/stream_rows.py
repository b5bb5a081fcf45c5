"""Batches by hand-written NumPy and torch, torch's DataLoader, and Hugging Face datasets."""

import json
import resource
import sys
import time

import numpy as np

options = json.loads(sys.argv[1])
how = options["how"]
rows, features, size = options["rows"], options["features"], options["batchSize"]
packed = np.memmap(options["packed"], dtype=np.float32, mode="r", shape=(options["rowsInFile"], features + 1))
count = 0


def note(batch_rows):
    global count
    count += batch_rows


def numpy_sequential():
    for at in range(0, rows, size):
        batch = np.array(packed[at : at + size])
        note(len(batch))


def numpy_permuted():
    order = np.random.default_rng(1).permutation(rows)
    for at in range(0, rows, size):
        batch = packed[order[at : at + size]]
        note(len(batch))


def torch_tensors():
    import torch

    both = torch.from_numpy(np.array(packed[:rows]))
    return torch, both[:, :features].contiguous(), both[:, features].contiguous()


def torch_permuted():
    torch, x, y = torch_tensors()

    def job():
        order = torch.randperm(rows)
        for at in range(0, rows, size):
            chosen = order[at : at + size]
            note(len(y[chosen]) if len(x[chosen]) else 0)

    return job


def torch_loader(workers):
    torch, x, y = torch_tensors()
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(
        TensorDataset(x, y), batch_size=size, shuffle=True, num_workers=workers
    )

    def job():
        for batch in loader:
            note(len(batch[1]))

    return job


def datasets_of(shuffled, streaming):
    import datasets
    import pyarrow as pa

    both = np.array(packed[:rows])
    table = {f"x{feature}": pa.array(both[:, feature]) for feature in range(features)}
    table["y"] = pa.array(both[:, features])
    data = datasets.Dataset(datasets.table.InMemoryTable(pa.table(table)))
    if streaming:
        data = data.to_iterable_dataset().shuffle(seed=1, buffer_size=10_000)
    elif shuffled:
        data = data.shuffle(seed=1)
    data = data.with_format("numpy")

    def job():
        for batch in data.iter(batch_size=size):
            note(len(batch["y"]))

    return job


jobs = {
    "numpy": lambda: numpy_sequential,
    "numpy-permuted": lambda: numpy_permuted,
    "torch-permuted": torch_permuted,
    "torch-loader-0": lambda: torch_loader(0),
    "torch-loader-2": lambda: torch_loader(2),
    "datasets": lambda: datasets_of(False, False),
    "datasets-shuffled": lambda: datasets_of(True, False),
    "datasets-streaming": lambda: datasets_of(True, True),
}
job = jobs[how]()
# The page cache and the allocators are warm, as for the others.
if options["warm"]:
    job()
count = 0
started = time.perf_counter()
job()
seconds = time.perf_counter() - started
if count != rows:
    raise RuntimeError(f"{count} rows came, not {rows}.")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peakRssBytes": peak if sys.platform == "darwin" else peak * 1024}))
