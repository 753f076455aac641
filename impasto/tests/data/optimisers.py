"""Writes optimisers.json: what PyTorch's and SciPy's optimisers do on small functions.

Run in an environment with torch, scipy and numpy: python optimisers.py > optimisers.json
"""

import json

import numpy as np
import torch
from scipy.optimize import fmin_l_bfgs_b


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def valley(x):
    scale = torch.arange(1, len(x) + 1, dtype=x.dtype) ** 2
    return (scale * (x - 1) ** 2).sum() / 2 + (x**4).sum() / 10


def start(n):
    return torch.tensor([(-1.2 if i % 2 == 0 else 1.0) for i in range(n)], dtype=torch.float64)


def torch_curve(function, n, evaluations):
    x = start(n).requires_grad_()
    optimiser = torch.optim.LBFGS([x], lr=1, max_iter=evaluations - 1, max_eval=10**9, history_size=100,
                                  tolerance_grad=0, tolerance_change=0)
    losses = []

    def closure():
        optimiser.zero_grad()
        loss = function(x)
        loss.backward()
        losses.append(loss.item())
        return loss

    optimiser.step(closure)
    return losses


def scipy_best(function, n, evaluations):
    losses = []

    def value(x):
        x = torch.tensor(x, requires_grad=True)
        loss = function(x)
        loss.backward()
        losses.append(loss.item())
        return loss.item(), x.grad.numpy().astype(np.float64)

    fmin_l_bfgs_b(value, start(n).numpy(), m=10, maxfun=10**6, maxiter=10**6, factr=0, pgtol=0)
    best = np.minimum.accumulate(losses)
    return [float(best[min(i, len(best)) - 1]) for i in evaluations]


print(json.dumps({
    "torch.valley": torch_curve(valley, 12, 20),
    "torch.rosenbrock": torch_curve(rosenbrock, 2, 12),
    "scipy.rosenbrock-100": dict(zip(["20", "40", "80"], scipy_best(rosenbrock, 100, [20, 40, 80]))),
    "scipy.valley-100": dict(zip(["20", "40", "80"], scipy_best(valley, 100, [20, 40, 80]))),
}, indent=1))
