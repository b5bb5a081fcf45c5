"""Reads the folders that vadi wrote, from what docs/ say of them, and computes again what is in them.

    compare.py FOLDER     FOLDER/folders.json lists what there is

Hashes, counts and initial weights are the same to the bit; losses, snapshots and eigenvalues, which vadi computes in
float32 or by iteration, within the tolerances below. Prints one line a folder; exits with 1 where something differs.
"""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).parent.parent / "reference"))

from directions import random_arrays, spaced
from initial_weights import initial_weights
from line import Line
from network import Network, flat, updated
from shuffle import epoch_order
from split import split
from vadi_files import read_model, read_shard, read_table

root = Path(sys.argv[1])
listed = json.loads((root / "folders.json").read_text())


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def near(what, found, expected, relative, absolute=0):
    found, expected = numpy.asarray(found, "f8"), numpy.asarray(expected, "f8")
    check(found.shape == expected.shape, f"{what}: {found.shape}, not {expected.shape}")
    error = numpy.abs(found - expected) - absolute
    worst = (error / numpy.maximum(numpy.abs(expected), 1e-300)).max(initial=0)
    check(worst <= relative, f"{what}: off by {worst}, more than {relative}")


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def record_of(folder, name):
    return json.loads((root / folder / name).read_text())


# Datasets: docs/datasets.md, "Files"


@cache
def rows_of(dataset):
    """x, y and the rows of each shard."""
    shards = [read_shard(root / dataset / shard["file"]) for shard in record_of(dataset, "manifest.json")["shards"]]
    x, y = (numpy.concatenate(parts) for parts in zip(*shards))
    return x, y, [len(part) for _, part in shards]


def check_dataset(name):
    folder, manifest = root / name, record_of(name, "manifest.json")
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    files = [shard["file"] for shard in manifest["shards"]] + ["manifest.json"]
    check(sums == [f"{sha256(folder / file)}  {file}" for file in files], "SHA256SUMS differs")
    x, y, counts = rows_of(name)
    for shard, rows in zip(manifest["shards"], counts, strict=True):
        check(shard["rows"] == rows, f"{shard['file']}: rows")
        check(shard["bytes"] == (folder / shard["file"]).stat().st_size, f"{shard['file']}: bytes")
        check(shard["sha256"] == sha256(folder / shard["file"]), f"{shard['file']}: sha256")
    check(manifest["rows"] == len(y) == sum(counts), "rows")
    check(manifest["features"] == x.shape[1], "features")
    if manifest["kind"] == "table":
        check_table(manifest, x, y)
    return f"{manifest['kind']}, {len(files)} files"


def check_table(manifest, x, y):
    """The columns again, from the CSV and what was learned from it."""
    source, learned = manifest["source"], manifest["source"]["learned"]
    names, *lines = [line.split(",") for line in (root / "table.csv").read_text().splitlines()]
    columns = dict(zip(names, zip(*lines)))
    check(source["rows"] == len(lines) and source["dropped"] == 0, "rows of the source")
    check([column["name"] for column in source["columns"]] == names, "columns of the source")
    for at, feature in enumerate(manifest["columns"]["features"]):
        name, _, rest = feature.partition("_")
        values = columns[name]
        if rest == "missing":
            expected = [value == "" for value in values]
        elif rest == "other":
            expected = [value not in learned[name]["categories"] for value in values]
        elif rest:
            expected = [value == rest for value in values]
        else:
            expected = [value or learned[name]["fill"] for value in values]
        check((numpy.array(expected, dtype="f4") == x[:, at]).all(), feature)
    target = columns[manifest["columns"]["target"]]
    check((numpy.array(target, dtype="f4") == y).all(), "target")


# Runs: docs/training.md, "Files of a run"


@cache
def run_rows(run):
    """The rows of a run as its network gets them, in file order; the shards of each; training and validation rows."""
    record = record_of(run, "run.json")
    dataset = Path(record["dataset"]["path"]).name
    check(sha256(root / dataset / "manifest.json") == record["dataset"]["fingerprint"], "fingerprint")
    x, y, counts = rows_of(dataset)
    if record["standardize"]:
        features, target = record["standardize"]["features"], record["standardize"]["target"]
        x = numpy.column_stack([scaled(x[:, at], feature) for at, feature in enumerate(features)])
        y = scaled(y, target)
    validation, seed = record["options"]["validation"], record["options"]["seed"]
    subsets = [numpy.arange(len(y)), numpy.arange(0)]
    if validation > 0:
        subsets = split(len(y), [1 - validation, validation], seed)
    return x, y, counts, subsets


def scaled(column, by):
    return ((column.astype("f8") - by["mean"]) / by["scale"]).astype("f4")


def network_of(folder, run):
    return Network(read_model(folder), record_of(run, "run.json")["options"]["bias"])


def trained_folder(run):
    return root / run / ("weights" if record_of(run, "run.json")["standardize"] else "model")


def epoch_rows(run, epoch):
    """The rows of an epoch in their order."""
    _, _, counts, (training, _) = run_rows(run)
    options = record_of(run, "run.json")["options"]
    starts = numpy.cumsum([0, *counts])
    left = [int(((training >= a) & (training < b)).sum()) for a, b in zip(starts, starts[1:])]
    left = [rows for rows in left if rows > 0]
    order = epoch_order(options["shuffle"], left, options["seed"], epoch, options["bufferShards"])
    return training[order]


def check_run(run):
    folder, record = root / run, record_of(run, "run.json")
    options = record["options"]
    check(record["status"] == "done", "status")
    start = read_model(folder / "path/step-0")
    expected = initial_weights(record["layers"], options["init"], options["bias"], options["seed"])
    check(all((a == b).all() for a, b in zip(start, expected, strict=True)), "initial weights")
    check(record["parameters"] == sum(array.size for array in start), "parameters")
    steps = replay(run, start)
    check(steps == record["result"]["steps"], "steps")
    check_history(folder)
    check_predictions(run)
    return f"{options['optimizer']}, {steps} steps"


def replay(run, start):
    """Trains again, from the initial weights, and compares on the way."""
    x, y, _, _ = run_rows(run)
    folder, record = root / run, record_of(run, "run.json")
    options = record["options"]
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    weights, slots, step, seen = [w.astype("f8") for w in start], {}, 0, 0
    for epoch in range(options["epochs"]):
        order = epoch_rows(run, epoch)
        size = options["batchSize"]
        for first in range(0, len(order), size):
            batch = order[first : first + size]
            if options["dropLast"] and len(batch) < size:
                continue
            network = Network(weights, options["bias"])
            line = history[step]
            near(f"loss of step {step + 1}", line["loss"], network.loss(x[batch], y[batch]), 1e-4)
            step, seen = step + 1, seen + len(batch)
            check([line["step"], line["epoch"], line["rows"]] == [step, epoch, seen], f"line {step}")
            gradients = network.gradient(x[batch], y[batch])
            weights, slots = updated(options["optimizer"], options, weights, slots, gradients, step)
            snapshot = read_model(folder / f"path/step-{step}")
            near(f"weights after step {step}", flat(snapshot), flat(weights), 1e-4, 1e-5)
    check(step == len(history), "lines of the history")
    check((flat(read_model(trained_folder(run))) == flat(snapshot)).all(), "trained weights")
    check_checkpoint(folder / f"checkpoints/step-{step}", snapshot, slots, seen)
    return step


def check_checkpoint(folder, weights, slots, seen):
    state = json.loads((folder / "state.json").read_text())
    check(state["rows"] == seen, "rows of the checkpoint")
    check((flat(read_model(folder)) == flat(weights)).all(), "weights of the checkpoint")
    values = numpy.fromfile(folder / "slots.bin", dtype="<f4")
    check([slot["name"] for slot in state["slots"]] == list(slots), "slots")
    check([n for slot in state["slots"] for n in slot["lengths"]] == [w.size for w in weights] * len(slots), "lengths")
    if slots:
        near("slots", values, numpy.concatenate([flat(slots[name]) for name in slots]), 1e-3, 1e-5)
    else:
        check(len(values) == 0, "slots.bin is not empty")


def check_history(folder):
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    for name, column in read_table(folder / "history.parquet").items():
        check([line[name] for line in lines] == column.tolist(), f"history.parquet: {name}")


def check_predictions(run):
    """Validation's measures, predictions.parquet, and the model in the rows' own units."""
    x, y, _, (_, validation) = run_rows(run)
    record = record_of(run, "run.json")
    _, predicted = network_of(trained_folder(run), run).forward(x)
    raw_x, raw_y, _ = rows_of(Path(record["dataset"]["path"]).name)
    unit = {"mean": 0, "scale": 1}
    target = record["standardize"]["target"] if record["standardize"] else unit
    in_units = predicted * target["scale"] + target["mean"]
    # A folded model of a network without biases has one all the same.
    arrays = read_model(root / run / "model")
    model = Network(arrays, any(array.ndim == 1 for array in arrays))
    near("predictions of model/", model.forward(raw_x)[1], in_units, 1e-4, 1e-5 * raw_y.std())
    if len(validation) == 0:
        return
    errors = (predicted - y)[validation]
    found = record["result"]["validation"]
    check(found["rows"] == len(validation), "validation rows")
    near("validation loss", found["losses"][-1], (errors**2).mean(), 1e-5)
    last = found["measures"][-1]
    spread = ((y[validation] - y[validation].mean()) ** 2).sum()
    near("R²", last["rSquared"], 1 - (errors**2).sum() / spread, 1e-5)
    near("mean absolute error", last["meanAbsoluteError"], target["scale"] * numpy.abs(errors).mean(), 1e-5)
    sample = read_table(root / run / "predictions.parquet")
    near("targets", sample["target"], raw_y[validation], 1e-6)
    near("predictions", sample["prediction"], in_units[validation], 1e-5)


# Landscapes: docs/landscapes.md, "Files"


def check_landscape(name):
    """Every loss again, in float64."""
    folder, record = root / name, record_of(name, "landscape.json")
    run = Path(record["run"]).name
    x, y, _, _ = run_rows(run)
    centre = read_model(folder / "centre")
    moved = [read_model(folder / f"directions/{i + 1}") for i in range(2 if "betas" in record else 1)]
    for direction, length in zip(moved, record["directionNorms"], strict=True):
        near("length of a direction", length, numpy.linalg.norm(flat(direction)), 1e-12)
    has_bias = record_of(run, "run.json")["options"]["bias"]
    found = read_table(folder / "slices.parquet")
    at = {}
    for slice_, batch, alpha, loss in zip(*(found[c].tolist() for c in ("slice", "batch", "alpha", "loss"))):
        at[slice_, batch, alpha] = loss
    size, mean = record["batchSize"], {}
    for j, beta in enumerate(record.get("betas", [0])):
        for alpha in record["alphas"]:
            steps = zip(centre, *moved)
            weights = [c.astype("f8") + sum(f * d.astype("f8") for f, d in zip((alpha, beta), ds)) for c, *ds in steps]
            network = Network(weights, has_bias)
            losses = []
            for batch in record["batches"]:
                rows = slice(batch * size, (batch + 1) * size)
                losses.append(network.loss(x[rows], y[rows]))
                near(f"loss at {alpha}, {beta} of batch {batch}", at.pop((j, batch, alpha)), losses[-1], 2e-5)
            mean[alpha, beta] = numpy.mean(losses)
    check(not at, f"{len(at)} more losses")
    if "betas" in record:
        surface = read_table(folder / "surface.parquet")
        for alpha, beta, loss in zip(*(surface[c].tolist() for c in ("alpha", "beta", "loss"))):
            near("surface", loss, mean.pop((alpha, beta)), 2e-5)
        check(not mean, "points of the surface")
    return f"{record['kind']}, {record['method']}, {len(found['loss'])} losses"


# Curvature: docs/curvature.md, "Files"


def check_curvature(name):
    folder, record = root / name, record_of(name, "curvature.json")
    run = Path(record["run"]).name
    x, y, _, _ = run_rows(run)
    network = network_of(trained_folder(run), run)
    size = record["batchSize"]
    batches = record["batches"] or range(-(-len(y) // size))
    parts = [slice(batch * size, (batch + 1) * size) for batch in batches]
    rows = numpy.concatenate([numpy.arange(len(y))[part] for part in parts])
    check(record["rows"] == len(rows), "rows")
    gauss_newton = record["part"] == "gauss-newton"
    hessian = network.hessian(x[rows], y[rows], gauss_newton)
    near("symmetry", hessian, hessian.T, 0, 1e-12)
    values = numpy.linalg.eigvalsh(hessian)
    largest_magnitude = numpy.abs(values).max()
    pairs = read_table(folder / "eigenpairs.parquet")
    for end, index, value, residual in zip(*(pairs[c].tolist() for c in ("end", "index", "eigenvalue", "residual"))):
        what = f"{end} eigenvalue {index}"
        kept = record[end][index - 1]
        check([kept["eigenvalue"], kept["residual"]] == [value, residual], what)
        true = values[index - 1] if end == "least" else values[-index]
        if gauss_newton:
            # 0 occurs many times, and an iteration may find it once.
            true = values[numpy.abs(values - value).argmin()]
        check(abs(value - true) <= residual + 1e-12 * largest_magnitude, f"{what}: {value}, not {true}")
        v = flat(read_model(folder / f"directions/{index if end == 'least' else -index}"))
        near(f"length of direction {index}", numpy.linalg.norm(v), 1, 1e-6)
        # The direction is rounded to float32.
        own = numpy.linalg.norm(hessian @ v - value * v)
        check(own <= residual + 1e-6 * largest_magnitude, f"{what}: residual {own}, not {residual}")
    trace = record["trace"]
    check(abs(trace["estimate"] - values.sum()) <= 5 * trace["standardError"] + 1e-9, "trace")
    density = read_table(folder / "density.parquet")
    near("area of the density", numpy.trapezoid(density["density"], density["eigenvalue"]), 1, 0.02)
    if (folder / "batches.parquet").exists():
        found = read_table(folder / "batches.parquet")
        check(found["batch"].tolist() == list(batches), "batches")
        for at, part in enumerate(parts):
            own = numpy.linalg.eigvalsh(network.hessian(x[part], y[part], gauss_newton))
            for end, true in (("least", own[0]), ("largest", own[-1])):
                error = abs(found[end][at] - true)
                check(error <= found[f"{end}Residual"][at] + 1e-12, f"{end} of batch {at}")
    if (folder / "path.parquet").exists():
        check_path(folder, run, x[rows], y[rows], gauss_newton)
    return f"{record['part']}, {len(values)} weights, {len(pairs['end'])} eigenpairs"


def check_path(folder, run, x, y, gauss_newton):
    found = read_table(folder / "path.parquet")
    steps = sorted(int(step.name.removeprefix("step-")) for step in (root / run / "path").glob("step-*"))
    check(found["step"].tolist() == steps, "steps of the path")
    for step, largest, residual in zip(*(found[c].tolist() for c in ("step", "largest", "residual"))):
        network = network_of(root / run / "path" / f"step-{step}", run)
        true = numpy.linalg.eigvalsh(network.hessian(x, y, gauss_newton))[-1]
        check(abs(largest - true) <= residual + 1e-12, f"largest at step {step}: {largest}, not {true}")
    options = record_of(run, "run.json")["options"]
    if options["optimizer"] == "sgd" and options["schedule"] == "constant":
        check(set(found["limit"].tolist()) == {2 / options["learningRate"]}, "limit of the path")


# Certificates: docs/curvature.md, "Certify a line"


def layers_of(arrays, has_bias):
    """Kernels and biases in float64; biases are 0 where there are none."""
    layers = Network(arrays, has_bias).layers
    return [(kernel, bias[0] if bias else numpy.zeros(kernel.shape[1])) for kernel, *bias in layers]


def check_certificate(name):
    """Every interval, kink and number again, from the polynomials of the rows."""
    folder, record = root / name, record_of(name, "certificate.json")
    run = Path(record["run"]).name
    x, y, _, _ = run_rows(run)
    centre, direction = read_model(folder / "centre"), read_model(folder / "directions/1")
    shapes = [array.shape for array in centre]
    check((flat(centre) == flat(read_model(trained_folder(run)))).all(), "centre")
    check(record["along"] == "random" and record["normalize"] == "none", "not a random line")
    check((flat(direction) == flat(random_arrays(shapes, record["seed"], 0))).all(), "direction")
    size = record["batchSize"]
    batches = [numpy.arange(len(y))[b * size : (b + 1) * size] for b in record["batches"]]
    rows = numpy.concatenate(batches)
    check(record["rows"] == len(rows), "rows")
    has_bias = record_of(run, "run.json")["options"]["bias"]
    ends = layers_of(centre, has_bias), layers_of(direction, has_bias)
    line = Line(*ends, x[rows], y[rows], record["from"], record["to"])
    hard = check_kinks(folder, record, line, rows, has_bias)
    check_intervals(folder, record, line)
    check_profile(folder, record, line, centre, direction, has_bias, x[rows], y[rows])
    intervals = record["intervalCount"]
    return f"convex {record['convex']}, {intervals} intervals, {len(line.kinks)} kinks, {hard} places not simple"


def places_of(kinks):
    """Kinks in the order of α, those of one place together."""
    places = []
    for kink in kinks:
        if places and kink[0] - places[-1][-1][0] < 1e-8:
            places[-1].append(kink)
        else:
            places.append([kink])
    return places


def check_kinks(folder, record, line, rows, has_bias):
    """Each kink at which the slope falls, and how many there are of each kind."""
    places = places_of(line.kinks)
    jumps = numpy.array([sum(kink[1] for kink in place) for place in places])
    is_falling = jumps < -1e-12
    # Several units of one row may switch in one place, or none may matter: there, nothing need be decided.
    hard = sum(len(place) > 1 or abs(jump) < 1e-12 for place, jump in zip(places, jumps))
    falling, rising, undecided = (record["kinkCounts"][key] for key in ("falling", "rising", "undecided"))
    check(undecided <= hard, f"{undecided} undecided of {hard}")
    check(falling <= is_falling.sum() <= falling + undecided, f"{falling} falling of {is_falling.sum()}")
    check(rising <= (~is_falling).sum() <= rising + hard, f"{rising} rising of {(~is_falling).sum()}")
    found = read_table(folder / "kinks.parquet")
    check(len(found["alpha"]) == falling, "count of the kinks")
    alphas = numpy.array([place[0][0] for place in places])
    for alpha, change, bound, *switch in zip(*found.values()):
        at = abs(alphas - alpha).argmin()
        what = f"kink at {alpha}"
        near(what, alpha, alphas[at], 0, 1e-8)
        check(abs(change - jumps[at]) <= bound + 1e-12, f"{what}: the slope changes by {jumps[at]}, not {change}")
        known = [[rows[kink[2]], kink[3], kink[4]] for kink in places[at]]
        # Without biases, units of the second layer switch in the place where their only input does.
        is_known = switch in known if has_bias else switch[0] in [row for row, _, _ in known]
        check(is_known, f"{what}: row and unit")
    listed = sorted(kink["alpha"] for kink in record["kinks"])
    check(listed == found["alpha"].tolist() or len(listed) == 1000, "kinks of the record")
    return hard


def check_intervals(folder, record, line):
    """They cover the line, and hold what they say."""
    found = read_table(folder / "intervals.parquet")
    starts, ends = found["from"], found["to"]
    check(len(starts) == record["intervalCount"], "count of the intervals")
    near("ends of the line", [starts[0], ends[-1]], [line.start, line.end], 0)
    near("beginnings", starts[1:], ends[:-1], 0, 1e-8)
    falls = read_table(folder / "kinks.parquet")["alpha"]
    lengths = {"convex": 0, "negative": 0, "undecided": 0}
    for start, end, code, least, bound in zip(*found.values()):
        what = f"from {start} to {end}"
        lengths[{1: "convex", 0: "negative", -1: "undecided"}[code]] += end - start
        if end - start < 1e-8:
            continue
        # Kinks are found to the last digits only: the derivative just beyond one belongs to the next interval.
        inner = start + 1e-9, end - 1e-9
        true, most = line.second_derivatives(*inner)
        check(abs(true - least) <= bound + 1e-7 * (1 + abs(true)), f"least {what}: {least}, not {true}")
        if code == 1:
            check(true >= -1e-9, f"{what}: a second derivative of {true} is not convex")
            check(not ((falls > inner[0]) & (falls < inner[1])).any(), f"{what}: the slope falls")
        if code == 0:
            check(most <= 1e-9, f"{what}: a second derivative of {most} is not negative")
    near("undecided length", lengths["undecided"], 0, 0, 1e-6 * (line.end - line.start))
    for verdict, length in lengths.items():
        near(f"length {verdict}", record["lengths"][verdict], length, 1e-12, 1e-12)
    least = found["leastSecondDerivative"].min()
    check(record["least"]["least"] == least, "least second derivative")
    convex = bool(not len(falls) and line.second_derivatives(line.start, line.end)[0] >= 0)
    check(record["convex"] is convex, f"convex is {record['convex']}, not {convex}")


def check_profile(folder, record, line, centre, direction, has_bias, x, y):
    """Losses by forward passes; derivatives from the polynomials."""
    found = read_table(folder / "profile.parquet")
    near("α of the profile", found["alpha"], spaced(line.start, line.end, 1001), 0, 1e-12)

    def loss_at(alpha):
        moved = [c.astype("f8") + alpha * d.astype("f8") for c, d in zip(centre, direction)]
        return Network(moved, has_bias).loss(x, y)

    kinks = numpy.array([kink[0] for kink in line.kinks])
    scale, most = abs(found["secondDerivative"]).max(), found["loss"].max()
    for alpha, loss, slope, bend in zip(*found.values()):
        near(f"loss at {alpha}", loss, loss_at(alpha), 1e-10, 1e-12 * most)
        if len(kinks) and abs(kinks - alpha).min() < 1e-9:
            continue
        polynomial = line.polynomial(alpha)
        near(f"slope at {alpha}", slope, polynomial.deriv()(alpha), 1e-9, 1e-9 * scale)
        near(f"second derivative at {alpha}", bend, polynomial.deriv(2)(alpha), 1e-9, 1e-9 * scale)
    middle, half = (line.start + line.end) / 2, (line.end - line.start) / 2
    difference = loss_at(line.start) - 2 * loss_at(middle) + loss_at(line.end)
    kept = record["secondDifference"]
    near("second difference", kept["quotient"], difference / half**2, 1e-8)
    weighted = sum(kink[1] * (half - abs(kink[0] - middle)) for kink in line.kinks)
    near("its part from kinks", kept["fromKinks"], weighted / half**2, 1e-8, 1e-10 * scale)


CHECKS = {
    "datasets": check_dataset,
    "runs": check_run,
    "landscapes": check_landscape,
    "curvatures": check_curvature,
    "certificates": check_certificate,
}

failed = 0
for kind, names in listed.items():
    for name in names:
        try:
            print(f"ok    {name}: {CHECKS[kind](name)}")
        except Exception as error:
            failed += 1
            print(f"FAIL  {name}: {type(error).__name__}: {error}")
sys.exit(1 if failed or not all(listed.values()) else 0)
