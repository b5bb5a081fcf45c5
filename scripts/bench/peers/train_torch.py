"""Training with torch eager: a loop as one writes it by hand, on rows in a random order."""

import json
import resource
import sys
import time

import numpy as np
import torch


def network(model, features):
    def linear(inputs, outputs):
        return torch.nn.Linear(inputs, outputs, bias=False)

    if model == "linear":
        return linear(features, 1)
    return torch.nn.Sequential(
        linear(features, 4 * features),
        torch.nn.ReLU(),
        linear(4 * features, 2 * features),
        torch.nn.ReLU(),
        linear(2 * features, 1),
    )


def memory_batches(x, y, batch_size, epochs):
    """Everything in tensors, indexed by a permutation."""
    x, y = torch.from_numpy(np.array(x)), torch.from_numpy(np.array(y))

    def batches():
        for _ in range(epochs):
            order = torch.randperm(len(x))
            for rows in order.split(batch_size):
                yield x[rows], y[rows]

    return batches()


def memmap_batches(x, y, batch_size, epochs):
    """Files mapped into memory, indexed by a permutation."""
    generator = np.random.default_rng(42)
    for _ in range(epochs):
        order = generator.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            yield torch.from_numpy(x[rows]), torch.from_numpy(y[rows])


def same_batch(x, y, batch_size, steps):
    batch = torch.from_numpy(np.array(x[:batch_size])), torch.from_numpy(np.array(y[:batch_size]))
    for _ in range(steps):
        yield batch


BATCHES = {"memory": memory_batches, "memmap": memmap_batches, "same": same_batch}


def main(options):
    rows, features = options["rows"], options["features"]
    torch.set_num_threads(options["threads"])
    torch.manual_seed(42)
    x = np.memmap(options["x"], np.float32, "r", shape=(rows, features))
    y = np.memmap(options["y"], np.float32, "r", shape=(rows, 1))
    model = network(options["model"], features)
    optimizer = torch.optim.SGD(model.parameters(), lr=options["learningRate"])
    batches = BATCHES[options["batches"]](x, y, options["batchSize"], options["rounds"])
    steps = 0
    started = time.perf_counter()
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        steps += 1
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    told = {"steps": steps, "loss": loss.item()}
    print(json.dumps({"seconds": seconds, "peakRssBytes": peak_bytes, **told}))


main(json.loads(sys.argv[1]))
