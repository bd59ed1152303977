"""How well networks learn the sets that stand in for missing ones, and the phantoms: run before a bar is written.

    python benchmarks/standins.py [SET ...] [--data DIR] [--seeds 3] [--threads 2]

Prints for each set and network: accuracy on the unseen rows of the quick profile, mean and standard deviation over the
seeds, and seconds a training. With --data the same networks are measured on the real sets in DIR.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from grader.data.loaders import Dataset, load

DATASETS = Path(__file__).resolve().parent.parent / "datasets"


@dataclass(frozen=True)
class Trial:
    """One network, how it is trained, and on which rows: `rows` turns a set into (X, y, unseen X, unseen y)."""

    name: str
    build: Callable[[], nn.Module]
    epochs: int
    rate: float
    batch: int = 64
    _: KW_ONLY
    rows: Callable[[Dataset], tuple[torch.Tensor, ...]] = lambda found: _tensors(found)
    steady: bool = False  # the same rate at every step, as in a beginner's loop; else one cycle


class Scaled(nn.Module):
    """Bytes to numbers around 0; single-channel images get their channel axis. Floats pass as they are."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dtype == torch.uint8:
            x = (x.float() / 255 - 0.5) * 4
        return x[:, None] if x.dim() == 3 else x


class Inception(nn.Module):
    """1x1, 3x3, 5x5 and pooled branches side by side (Szegedy et al., 2015), batch-normalised."""

    def __init__(self, cin: int, c1: int, r3: int, c3: int, r5: int, c5: int, pp: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [
                _conv(cin, c1, 1),
                nn.Sequential(_conv(cin, r3, 1), _conv(r3, c3, 3)),
                nn.Sequential(_conv(cin, r5, 1), _conv(r5, c5, 5)),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), _conv(cin, pp, 1)),
            ]
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


class Leaky(nn.Module):
    """f(x) = x, or alpha x where x < 0, for any alpha."""

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 0, x, self.alpha * x)


def inception() -> nn.Module:
    return nn.Sequential(
        Scaled(),
        _conv(3, 24, 3),
        nn.MaxPool2d(2),
        Inception(24, 16, 24, 32, 8, 16, 16),
        nn.MaxPool2d(2),
        Inception(80, 32, 32, 64, 16, 32, 32),
        nn.MaxPool2d(2),
        Inception(160, 32, 32, 64, 16, 32, 32),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(160, 10),
    )


def linear(inputs: int, classes: int) -> nn.Module:
    return nn.Sequential(Scaled(), nn.Flatten(), nn.Linear(inputs, classes))


def dense(widths: list[int]) -> list[nn.Module]:
    """Linear layers with ReLU between them."""
    layers = [layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.ReLU())]
    return layers[:-1]


def two_convs(first: int, second: int, k: int, widths: list[int]) -> nn.Module:
    """The shape of hw2.q6's models: convolution, pooling, twice, then a dense head."""
    convs = [
        nn.Conv2d(3, first, k),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, k),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]
    return nn.Sequential(Scaled(), *convs, nn.Flatten(), *dense(widths))


def wide_cnn(classes: int) -> nn.Module:
    convs = [_conv(3, 32, 3), nn.MaxPool2d(2), _conv(32, 64, 3), nn.MaxPool2d(2)]
    return nn.Sequential(Scaled(), *convs, nn.Flatten(), nn.Linear(4096, classes))


def leaky_net(alpha: float) -> nn.Module:
    """hw3.q3's network: 27,938 parameters."""
    convs = [nn.Conv2d(1, 8, 7), Leaky(alpha), nn.Conv2d(8, 8, 5), Leaky(alpha)]
    return nn.Sequential(Scaled(), *convs, nn.Flatten(), nn.Linear(2592, 10))


def pooled_cnn() -> nn.Module:
    """hw5.q4b's network."""
    first = [nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 4))


def _conv(cin: int, cout: int, k: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(cin, cout, k, padding=k // 2, bias=False), nn.BatchNorm2d(cout), nn.ReLU())


def _tensors(found: Dataset) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(array) for array in (*found.train, *found.unseen))


def cats_and_dogs(found: Dataset) -> tuple[torch.Tensor, ...]:
    """Classes 3 and 5 alone, as 0 and 1."""
    X, y, U, v = _tensors(found)
    mine, theirs = (y == 3) | (y == 5), (v == 3) | (v == 5)
    return X[mine], (y[mine] == 5).long(), U[theirs], (v[theirs] == 5).long()


def with_inverted(found: Dataset) -> tuple[torch.Tensor, ...]:
    X, y, U, v = _tensors(found)
    return torch.cat([X, 255 - X]), torch.cat([y, y]), torch.cat([U, 255 - U]), torch.cat([v, v])


def standardised(found: Dataset) -> tuple[torch.Tensor, ...]:
    X, y, U, v = _tensors(found)
    mean, spread = X.mean(0), X.std(0)
    return (X - mean) / spread, y, (U - mean) / spread, v


TRIALS = {
    "cifar10": [
        Trial("linear", lambda: linear(3072, 10), 8, 1e-3),
        Trial("inception, untrained", inception, 0, 0.0),
        Trial("inception, 4 epochs", inception, 4, 4e-3),
        Trial("6-16 k5, 5 epochs (hw2.q6f)", lambda: two_convs(6, 16, 5, [400, 120, 84, 10]), 5, 2e-3, 32),
        Trial("30-30 k3, 5 epochs (hw2.q6f)", lambda: two_convs(30, 30, 3, [1080, 256, 128, 64, 10]), 5, 2e-3, 32),
        Trial("32-64 k3, 2 epochs (hw4.q3d)", lambda: wide_cnn(10), 2, 2e-3, 32),
        Trial("cat or dog, linear", lambda: linear(3072, 2), 6, 1e-3, 32, rows=cats_and_dogs),
        Trial("cat or dog, 6 epochs (hw1.q3c)", lambda: wide_cnn(2), 6, 1e-3, 32, rows=cats_and_dogs),
    ],
    "mnist": [
        Trial("linear, not inverted", lambda: linear(784, 10), 5, 1e-3),
        Trial("alpha 0, untrained", lambda: leaky_net(0.0), 0, 0.0, rows=with_inverted),
        *[
            Trial(f"alpha {a}, inverted too (hw3.q3g)", lambda a=a: leaky_net(a), 3, 1e-3, 64, rows=with_inverted)
            for a in (-1.0, 0.0, 0.5, 1.0)
        ],
    ],
    "mobile_price": [
        Trial("linear, standardised", lambda: nn.Linear(20, 4), 90, 1e-2, 32, rows=standardised),
        Trial("20-64-32-4, untrained", lambda: nn.Sequential(*dense([20, 64, 32, 4])), 0, 0.0, rows=standardised),
        Trial("20-64-32-4, raw", lambda: nn.Sequential(*dense([20, 64, 32, 4])), 30, 1e-3, 32),
        Trial(
            "20-64-32-4, standardised", lambda: nn.Sequential(*dense([20, 64, 32, 4])), 30, 1e-3, 32, rows=standardised
        ),
    ],
    "phantoms": [
        Trial("linear, 10 epochs", lambda: linear(3072, 4), 10, 1e-3, 32),
        Trial("linear, 60 epochs", lambda: linear(3072, 4), 60, 1e-3, 32),
        Trial("16-32 pooled, untrained", pooled_cnn, 0, 0.0),
        *[
            Trial(f"16-32 pooled, 10 epochs, rate {rate}", pooled_cnn, 10, rate, 32, steady=True)
            for rate in (1e-3, 3e-3, 1e-2)
        ],
    ],
}


def accuracy(trial: Trial, found: Dataset, seed: int) -> float:
    """Train with Adam, its rate in one cycle or steady, and measure on the unseen rows."""
    torch.manual_seed(seed)
    net = trial.build()
    X, y, unseen, right = trial.rows(found)
    if trial.epochs:
        optimizer = torch.optim.Adam(net.parameters(), trial.rate)
        steps = trial.epochs * -(-len(y) // trial.batch)
        one_cycle = torch.optim.lr_scheduler.OneCycleLR
        cycle = None if trial.steady else one_cycle(optimizer, trial.rate, total_steps=steps)
        net.train()
        for _ in range(trial.epochs):
            for rows in torch.randperm(len(y)).split(trial.batch):
                optimizer.zero_grad()
                nn.functional.cross_entropy(net(X[rows]), y[rows]).backward()
                optimizer.step()
                if cycle is not None:
                    cycle.step()
    net.eval()
    with torch.no_grad():
        answers = torch.cat([net(rows) for rows in unseen.split(500)]).argmax(1)
    return float((answers == right).float().mean())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument(
        "sets", nargs="*", metavar="SET", help=f"any of {', '.join(TRIALS)}; all of them if none is named"
    )
    asked.add_argument("--data", type=Path, help="measure the real sets in this folder instead")
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--only", default="", help="only networks whose name contains this")
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    print(
        f"{platform.processor() or platform.machine()}, CPU, {given.threads} threads; "
        f"Python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}; n = {given.seeds}"
    )
    for name in given.sets or TRIALS:
        with tempfile.TemporaryDirectory() as nothing:
            if given.data is None:
                os.environ["GRADER_DATA"] = nothing
            start = time.perf_counter()
            found = load(name, datasets=DATASETS, data_dir=given.data)
        print(
            f"\n{name} ({found.source}): {len(found.train[1]):,} rows to train on, {len(found.unseen[1]):,} unseen; "
            f"loaded in {time.perf_counter() - start:.1f} s"
        )
        for trial in TRIALS[name]:
            if given.only in trial.name:
                start = time.perf_counter()
                results = [accuracy(trial, found, seed) for seed in range(given.seeds)]
                seconds = (time.perf_counter() - start) / given.seeds
                spread = statistics.stdev(results) if given.seeds > 1 else float("nan")
                weights = sum(w.numel() for w in trial.build().parameters())
                print(
                    f"  {trial.name:36} {weights:>8,} parameters  {statistics.mean(results):.3f} "
                    f"(sd {spread:.3f}, lowest {min(results):.3f})  {seconds:5.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
