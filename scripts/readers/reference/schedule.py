"""The learning rate of a step: docs/training.md, "Optimisers"."""

from math import cos, floor, pi


def learning_rate(schedule, t, *, eta, warmup, steps_per_epoch, steps, step_size, gamma):
    """t: the step, from 1."""
    if t <= warmup:
        return eta * t / (warmup + 1)
    if schedule == "step":
        epoch = floor((t - 1) / steps_per_epoch)
        return eta * gamma ** floor(epoch / step_size)
    if schedule == "cosine":
        p = (t - 1 - warmup) / max(1, steps - warmup)
        return eta * (1 + cos(pi * p)) / 2
    return eta
