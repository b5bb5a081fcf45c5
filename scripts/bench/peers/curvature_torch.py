"""The eigenvalues at both ends of the Hessian: double backward in torch by hand with SciPy's eigsh, or PyHessian."""

import json
import resource
import sys
import time

import numpy as np
import torch

BATCH = 10_000


def network(widths, weights):
    """Dense layers with ReLU between them and no biases. `weights` are those of TensorFlow.js, inputs × outputs."""
    layers = []
    at = 0
    for inputs, outputs in zip(widths, widths[1:]):
        linear = torch.nn.Linear(inputs, outputs, bias=False)
        part = weights[at : at + inputs * outputs].reshape(inputs, outputs)
        linear.weight.data = torch.from_numpy(part.T.copy())
        at += inputs * outputs
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def product_of(model, x, y, vector):
    """The Hessian of the mean squared error times a vector, by double backward, 10 000 rows at a time."""
    parameters = list(model.parameters())
    flat = torch.from_numpy(np.asarray(vector).ravel()).to(x.dtype)
    parts = torch.split(flat, [one.numel() for one in parameters])
    along = [part.view_as(one) for part, one in zip(parts, parameters)]
    total = torch.zeros(flat.numel(), dtype=torch.float64)
    for inputs, targets in zip(x.split(BATCH), y.split(BATCH)):
        loss = ((model(inputs) - targets) ** 2).sum() / len(x)
        slopes = torch.autograd.grad(loss, parameters, create_graph=True)
        moved = torch.autograd.grad(slopes, parameters, along)
        total += torch.cat([one.reshape(-1) for one in moved]).double()
    return total.numpy()


def worst_residual(model, x, y, pairs):
    """The largest ‖Hv − λv‖ / |λ|."""
    return max(np.linalg.norm(product_of(model, x, y, v) - value * v) / abs(value) for value, v in pairs)


def by_eigsh(model, x, y, options):
    """Both ends at once. A product is one pass over the rows; the residuals are computed afterwards."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    size = sum(one.numel() for one in model.parameters())
    passes = 0

    def product(vector):
        nonlocal passes
        passes += 1
        return product_of(model, x, y, vector)

    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    count, tolerance = options["vectors"], options["tolerance"]
    values, vectors = eigsh(
        operator,
        k=2 * count,
        which="BE",
        tol=tolerance,
        ncv=options["basis"],
        v0=np.random.default_rng(42).standard_normal(size),
        maxiter=200,
    )
    seconds = time.perf_counter() - options["started"]
    worst = worst_residual(model, x, y, zip(values, vectors.T))
    order = np.sort(values)
    found = {"least": order[:count].tolist(), "largest": order[::-1][:count].tolist()}
    return {"seconds": seconds, "passes": passes, "worst": worst, **found}


def by_pyhessian(model, x, y, options):
    """
    The eigenvalues of largest magnitude: it has no least ones. Its tolerance bounds the change of an eigenvalue
    from one product to the next, not the residual; it is divided by ten until the residuals are small enough,
    and only the last computation is timed.
    """
    from pyhessian import hessian

    tolerance = options["tolerance"]
    while True:
        started = time.perf_counter()
        computed = hessian(model, torch.nn.MSELoss(), data=(x, y), cuda=False)
        values, vectors = computed.eigenvalues(maxIter=10_000, tol=tolerance, top_n=options["vectors"])
        seconds = time.perf_counter() - started
        flat = [torch.cat([part.reshape(-1) for part in vector]).detach().double().numpy() for vector in vectors]
        worst = worst_residual(model, x, y, zip(values, flat))
        if worst <= options["tolerance"] or tolerance < 1e-9:
            return {"seconds": seconds, "worst": worst, "largest": values}
        tolerance /= 10


def main(options):
    torch.set_num_threads(options["threads"])
    rows, features = options["rows"], options["widths"][0]
    kind = torch.float64 if options["float64"] else torch.float32
    x = torch.from_numpy(np.fromfile(options["x"], np.float32).reshape(rows, features)).to(kind)
    y = torch.from_numpy(np.fromfile(options["y"], np.float32).reshape(rows, 1)).to(kind)
    model = network(options["widths"], np.fromfile(options["weights"], np.float32)).to(kind)
    options["started"] = time.perf_counter()
    way = by_pyhessian if options["way"] == "pyhessian" else by_eigsh
    told = way(model, x, y, options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    print(json.dumps({"peakRssBytes": peak_bytes, **told}))


main(json.loads(sys.argv[1]))
