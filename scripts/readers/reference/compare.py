"""Computes what vadi computed, from what docs/ say, and compares every number.

    compare.py FOLDER     FOLDER/cases.json lists what there is

Numbers are the same to the bit where the docs promise it. Prints one line a case, and what was compared;
exits with 1 where something differs.
"""

import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import numpy

import permutation
from clipping import clipped, linear_gradient
from dataset import generate, true_weights
from directions import SECOND_DIRECTION, SECOND_POINT, between, filter_normalized
from directions import random_arrays, spaced
from dropout import dropout_factors
from initial_weights import initial_weights
from quantiles import quantile
from schedule import learning_rate
from shuffle import epoch_order
from split import split
from vadi_files import read_model, read_rows, read_shard, read_table

root = Path(sys.argv[1])
cases = json.loads((root / "cases.json").read_text())
specs = {case["name"]: case for case in cases if case["type"] == "dataset"}


class Difference(Exception):
    pass


def same(what, found, expected):
    """The same bits; returns how many numbers were compared."""
    found, expected = numpy.asarray(found), numpy.asarray(expected)
    if found.dtype != expected.dtype or found.shape != expected.shape:
        raise Difference(
            f"{what}: vadi has {found.dtype} {found.shape}, not {expected.dtype} {expected.shape}"
        )
    bits = f"u{found.dtype.itemsize}"
    found = numpy.ascontiguousarray(found).view(bits)
    expected = numpy.ascontiguousarray(expected).view(bits)
    differing = numpy.flatnonzero(found.reshape(-1) != expected.reshape(-1))
    if len(differing) > 0:
        raise Difference(
            f"{what}: {len(differing)} of {found.size} numbers differ, first number {differing[0]}"
        )
    return found.size


def near(what, found, expected, tolerance):
    """The same numbers within a relative tolerance; returns how many were compared."""
    found, expected = numpy.asarray(found), numpy.asarray(expected)
    if found.shape != expected.shape:
        raise Difference(f"{what}: vadi has the shape {found.shape}, not {expected.shape}")
    error = numpy.abs(found - expected) / numpy.maximum(numpy.abs(expected), 1e-300)
    if not (error <= tolerance).all():
        raise Difference(f"{what}: relative error {error.max()}, more than {tolerance}")
    return found.size


def rows_in_shards(spec):
    """The rows of each shard."""
    features = spec.get("features", 10)
    each = min(spec.get("shardRows", 1_000_000), 2**28 // (4 * (features + 1)))
    return [min(each, spec["rows"] - first) for first in range(0, spec["rows"], each)]


def drawn_with(spec):
    return spec["kind"], spec.get("features", 10), spec.get("noise", 0.1), spec.get("seed", 42)


@cache
def generated(name):
    """All rows of a dataset, and its maxima."""
    return generate(*drawn_with(specs[name]), 0, specs[name]["rows"])


def check_dataset(case):
    folder = root / case["folder"]
    lengths = rows_in_shards(case)
    extension = case.get("format", "arrow")
    if "shard" in case:
        # One shard of a dataset that is not there as a whole.
        shard = case["shard"]
        first = shard * lengths[0]
        x, y, _ = generate(*drawn_with(case), first, lengths[shard])
        shards = [(shard, x, y)]
        compared = 0
    else:
        x, y, maxima = generated(case["name"])
        starts = numpy.cumsum([0, *lengths])
        shards = [
            (shard, x[start : start + length], y[start : start + length])
            for shard, (start, length) in enumerate(zip(starts, lengths))
        ]
        manifest = json.loads((folder / "manifest.json").read_text())
        kind, features, _, seed = drawn_with(case)
        truth = true_weights(kind, features, seed)
        compared = 0
        for array, values in truth.items():
            told = numpy.array(manifest["truth"][array])
            compared += same(f"true weights {array}", told, values.astype("f8"))
        if maxima is not None:
            told = numpy.array(manifest["constants"]["maxima"])
            compared += same("maxima", told, numpy.array(maxima, dtype="f8"))
    files = sorted(file.name for file in folder.glob(f"*.{extension}"))
    expected = [f"shard-{shard:05}.{extension}" for shard, _, _ in shards]
    if files != expected:
        raise Difference(f"vadi has the shards {files}, not {expected}")
    for file, (_, x, y) in zip(files, shards):
        found_x, found_y = read_shard(folder / file)
        compared += same(f"{file}, x", found_x, x) + same(f"{file}, y", found_y, y)
    return f"{case['name']}: {sum(len(y) for _, _, y in shards)} rows", compared


def subset_of(case):
    """The rows of the dataset that a case reads, and how many of them each shard has."""
    spec = specs[case["dataset"]]
    lengths = rows_in_shards(spec)
    own = numpy.arange(spec["rows"])
    for level, one in enumerate(case.get("splits", [])):
        own = split(spec["rows"], one["fractions"], one["seed"], level, own)[one["subset"]]
    counts, _ = numpy.histogram(own, bins=numpy.cumsum([0, *lengths]) - 0.5)
    return own, [int(count) for count in counts if count > 0]


def ranked(rows, batch_size, rank, world_size):
    """What one consumer of many gets of each batch."""
    parts = [numpy.zeros(0, dtype=numpy.int64)]
    for first in range(0, len(rows), batch_size):
        batch = rows[first : first + batch_size]
        start = len(batch) * rank // world_size
        parts.append(batch[start : len(batch) * (rank + 1) // world_size])
    return numpy.concatenate(parts)


def check_order(case):
    x, y, _ = generated(case["dataset"])
    own, shard_rows = subset_of(case)
    seed, epoch, buffer = case.get("seed", 42), case.get("epoch", 0), case.get("bufferShards", 8)
    rows = own[epoch_order(case["shuffle"], shard_rows, seed, epoch, buffer)]
    if "worldSize" in case:
        rows = ranked(rows, case["batchSize"], case["rank"], case["worldSize"])
    found_x, found_y = read_rows(root / case["file"], x.shape[1])
    compared = same("x", found_x, x[rows]) + same("y", found_y, y[rows])
    about = [case["dataset"], f"seed {case.get('seed', 42)}", f"epoch {case.get('epoch', 0)}"]
    about += [f"subset {one['subset']} of {one['fractions']}" for one in case.get("splits", [])]
    if "worldSize" in case:
        about.append(f"rank {case['rank']} of {case['worldSize']}")
    return f"{case['shuffle']}, {', '.join(about)}: {len(rows)} rows", compared


def check_weights(case):
    options = {name: case[name] for name in ("widths", "init", "bias", "seed")}
    expected = initial_weights(**options)
    found = read_model(root / case["folder"] / "model")
    compared = sum(
        same(f"array {number}", a, b)
        for number, (a, b) in enumerate(zip(found, expected, strict=True))
    )
    return " ".join(f"{name} {value}" for name, value in options.items()), compared


def check_schedule(case):
    batches = case["rows"] / case["batchSize"]
    per_epoch = int(batches) if case.get("dropLast") else -int(-batches // 1)
    if case.get("optimizer") == "gradient-descent":
        per_epoch = 1
    steps = per_epoch * case["epochs"]
    found = read_table(root / case["folder"] / "history.parquet")["learningRate"]
    expected = [
        learning_rate(
            case["schedule"],
            t,
            eta=case["learningRate"],
            warmup=case.get("warmup", 0),
            steps_per_epoch=per_epoch,
            steps=steps,
            step_size=case["stepSize"],
            gamma=case["gamma"],
        )
        for t in range(1, steps + 1)
    ]
    about = f"{case['schedule']}, warm-up {case.get('warmup', 0)}, {per_epoch} steps per epoch"
    # Powers and cosines may differ in their last bits; near the end the cosine's 1 + cos cancels.
    return about, near("learning rates", found, numpy.array(expected), 1e-12)


def check_clipping(case):
    values = numpy.array(case["values"], dtype="f4").astype("f8")
    x, y = values[:, :-1], values[:, -1]
    if case["bias"]:
        x = numpy.column_stack([x, numpy.ones(len(x))])
    start = initial_weights([2, 1], "uniform", case["bias"], case["seed"])
    w = numpy.concatenate([array.reshape(-1) for array in start]).astype("f8")
    g = linear_gradient(x, y, w)
    [scaled] = clipped([g], case["clipNorm"])
    found = [array.reshape(-1) for array in read_model(root / case["folder"] / "model")]
    change = numpy.concatenate(found) - w
    about = f"norm {numpy.linalg.norm(g):.3g} clipped to {case['clipNorm']}"
    return about, near("change of the weights", change, -case["learningRate"] * scaled, 1e-4)


def check_dropout(case):
    x, y, _ = generated(case["dataset"])
    first = numpy.ones((case["widths"][0], case["widths"][1]))
    second = numpy.ones((case["widths"][1], 1))
    for step, start in enumerate(range(0, len(y), case["batchSize"]), 1):
        rows, targets = x[start : start + case["batchSize"]], y[start : start + case["batchSize"]]
        masks = [
            dropout_factors(case["seed"], step, layer, (len(rows), case["widths"][layer]), rate)
            for layer, rate in enumerate(case["rates"])
        ]
        a = rows.astype("f8") * masks[0]
        b = (a @ first) * masks[1]
        error = 2 / len(rows) * (b @ second - targets[:, None])
        gradients = a.T @ ((error @ second.T) * masks[1]), b.T @ error
        first = first - case["learningRate"] * gradients[0]
        second = second - case["learningRate"] * gradients[1]
    found = read_model(root / case["folder"] / "model")
    compared = near("first layer", found[0], first, 1e-4)
    return f"{step} steps", compared + near("second layer", found[1], second, 1e-4)


def check_landscape(case):
    folder = root / case["folder"]
    weights = read_model(root / case["run"] / "model")
    shapes = [array.shape for array in weights]
    seed, scale, along = case.get("seed", 42), case.get("scale", 1), case["along"]
    if along == "random":
        centre, directions = weights, [random_arrays(shapes, seed, 0)]
        ends = (-scale, scale)
    elif along == "random-points":
        centre = random_arrays(shapes, seed, 0, scale)
        directions = [between(centre, random_arrays(shapes, seed, SECOND_POINT, scale))]
        ends = (0, 1)
    else:
        centre = weights
        directions = [between(centre, read_model(root / case["other"] / "model"))]
        ends = ((1 - scale) / 2, (1 + scale) / 2)
    if case.get("plane"):
        directions.append(random_arrays(shapes, seed, SECOND_DIRECTION))
    if case.get("normalize") == "filter":
        directions = [filter_normalized(direction, centre) for direction in directions]

    compared = 0
    models = {"centre": centre}
    models |= {f"directions/{i}": direction for i, direction in enumerate(directions, 1)}
    for name, expected in models.items():
        for found, array in zip(read_model(folder / name), expected, strict=True):
            compared += same(name, found, array)

    record = json.loads((folder / "landscape.json").read_text())
    points, endpoint = case.get("points", 101), case.get("endpoint", True)
    counts = points if isinstance(points, list) else [points, points]
    expected = spaced(*ends, counts[0], endpoint)
    compared += same("alphas", numpy.array(record["alphas"], dtype="f8"), expected)
    if case.get("plane"):
        expected = spaced(-scale, scale, counts[1], endpoint)
        compared += same("betas", numpy.array(record["betas"], dtype="f8"), expected)

    losses = read_table(folder / "slices.parquet")["loss"].reshape(len(record["batches"]), -1)
    summary = read_table(folder / "summary.parquet")
    for name, p in [("min", 0), ("max", 1), *((f"q{p:02}", p / 100) for p in (5, 25, 50, 75, 95))]:
        compared += same(name, summary[name], quantile(losses, p))
    compared += near("mean", summary["mean"], losses.mean(axis=0), 1e-12)
    many = len(losses) > 1
    variance = losses.var(axis=0, ddof=1) if many else numpy.zeros(losses.shape[1])
    compared += near("variance", summary["variance"], variance, 1e-9)
    kind = "plane" if case.get("plane") else "line"
    about = f"{along.split(':')[0]}, {kind} of {losses.shape[1]} points, {len(losses)} batches"
    return f"{about}, seed {seed}", compared


CHECKS = {
    "dataset": check_dataset,
    "order": check_order,
    "weights": check_weights,
    "schedule": check_schedule,
    "clipping": check_clipping,
    "dropout": check_dropout,
    "landscape": check_landscape,
}

done = Counter()
numbers = Counter()
failed = 0
for case in cases:
    try:
        about, compared = CHECKS[case["type"]](case)
        done[case["type"]] += 1
        numbers[case["type"]] += compared
        print(f"ok    {case['type']} {about}, {compared} numbers")
    except Exception as error:
        failed += 1
        print(f"FAIL  {case}: {type(error).__name__}: {error}")
if permutation.rejected == 0:
    failed += 1
    print("FAIL  no permutation rejected a word, so that this rule was not compared")
for kind in CHECKS:
    print(f"{kind}: {done[kind]} cases, {numbers[kind]} numbers")
print(f"{sum(done.values())} cases, {sum(numbers.values())} numbers the same, {failed} failed")
sys.exit(1 if failed or sum(done.values()) == 0 else 0)
