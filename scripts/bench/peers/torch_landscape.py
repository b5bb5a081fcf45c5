"""The losses of batches along a line or over a plane with PyTorch: a loop over batches and points."""

import json
import resource
import sys
import time

import numpy as np
import torch


def layers(file, shapes):
    flat = np.fromfile(file, dtype="<f4")
    out, at = [], 0
    for inputs, outputs in shapes:
        count = inputs * outputs
        out.append(torch.from_numpy(flat[at : at + count].reshape(inputs, outputs).copy()))
        at += count
    return out


def job(options):
    """Everything in memory, as the library's users have it; only the losses are timed."""
    rows, features, size = options["rows"], options["features"], options["batchSize"]
    generator = torch.Generator().manual_seed(42)
    x = torch.randn(rows, features, generator=generator)
    y = torch.randn(rows, 1, generator=generator)
    centre = layers(options["centre"], options["shapes"])
    directions = [layers(file, options["shapes"]) for file in options["directions"]]
    alphas = torch.linspace(-1, 1, options["points"])
    betas = alphas if len(directions) > 1 else torch.zeros(1)

    def slices(at, alphas, betas):
        batch, target = x[at : at + size], y[at : at + size]
        for beta in betas:
            for alpha in alphas:
                values = batch
                for index, weights in enumerate(centre):
                    weights = weights + alpha * directions[0][index]
                    if len(directions) > 1:
                        weights = weights + beta * directions[1][index]
                    values = values @ weights
                    if index + 1 < len(centre):
                        values = torch.relu(values)
                ((values - target) ** 2).mean().item()

    with torch.no_grad():
        # Once before, as of vadi, so that no start is measured.
        slices(0, alphas[:2], betas[:1])
        started = time.perf_counter()
        for at in range(0, rows, size):
            slices(at, alphas, betas)
        return time.perf_counter() - started


def library(options):
    """loss-landscapes along a random line with its defaults: a metric a batch, one for all rows if that is their number."""
    import loss_landscapes
    import loss_landscapes.metrics

    generator = torch.Generator().manual_seed(42)
    rows, size = options["rows"], options["batchSize"]
    x = torch.randn(rows, options["features"], generator=generator)
    y = torch.randn(rows, 1, generator=generator)
    modules = []
    for index, weights in enumerate(layers(options["centre"], options["shapes"])):
        linear = torch.nn.Linear(*weights.shape, bias=False)
        linear.weight.data = weights.t().contiguous()
        modules += [linear, torch.nn.ReLU()] if index + 1 < len(options["shapes"]) else [linear]
    model = torch.nn.Sequential(*modules)
    criterion = torch.nn.MSELoss()

    def line(at, steps):
        metric = loss_landscapes.metrics.Loss(criterion, x[at : at + size], y[at : at + size])
        loss_landscapes.random_line(model, metric, steps=steps)

    # Once before, as of vadi, so that no start is measured.
    line(0, 2)
    started = time.perf_counter()
    for at in range(0, rows, size):
        line(at, options["points"])
    return time.perf_counter() - started


options = json.loads(sys.argv[1])
seconds = library(options) if options["library"] else job(options)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "peakRssBytes": peak}))
