"""The table of bars: how well the reference, a linear model and an untrained network do in each part that trains.

    python benchmarks/bars.py [PART ...] [--profile quick] [--data DIR] [--seeds 5] [--threads 2] [--device cpu]

Prints a row of `docs/bars.md` for each part and each of its two measures, on the real set where it is found and on its
stand-in otherwise. The rule is: bar >= linear + 0.08 and bar <= the reference's mean - 3 sd.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch
from torch import nn

from grader.data.loaders import Dataset, load

COURSE = Path(__file__).resolve().parent.parent
Rows = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Part:
    """A part that trains: its data set, the solution's building and training, and the epochs of its linear rival.

    rows: which rows of the set it uses, and their labels; rival: another model to beat than the linear one.
    """

    question: str
    data: str
    classes: int
    build: Callable[[ModuleType], nn.Module]
    train: Callable[[ModuleType, nn.Module, Rows, int], object]
    linear_epochs: int
    rows: Callable[[Rows], Rows] = lambda rows: rows
    quick_rows: int | None = None  # the first so many training rows, as the check takes them in the quick profile
    rival: Callable[[ModuleType, Rows, int], nn.Module] | None = None


def cats_and_dogs(rows: Rows) -> Rows:
    """The cats (3) and dogs (5) of CIFAR-10, with the labels 0 and 1."""
    X, y = rows
    chosen = (y == 3) | (y == 5)
    return X[chosen], (y[chosen] == 5).long()


def inverted(rows: Rows) -> Rows:
    """The rows, followed by their inverted copies."""
    X, y = rows
    return torch.cat([X, 255 - X]), torch.cat([y, y])


def unscaled(question: ModuleType, rows: Rows, seed: int) -> nn.Module:
    """The price network on raw features: the same layers and training without the standardisation."""
    net = question.build_price_net()
    net[0] = nn.Identity()
    question.train_price(net, *rows, seed)
    return net


PARTS = {
    **{
        f"hw1.q3c {kind}": Part(
            "hw1/q3_cats_and_dogs",
            "cifar10",
            2,
            lambda q, kind=kind: q.build_head(kind),
            lambda q, net, rows, seed, kind=kind: q.train_head(net, kind, *rows, seed),
            40,
            rows=cats_and_dogs,
        )
        for kind in ("one_sigmoid", "two_softmax", "one_linear")
    },
    "hw1.q4d": Part(
        "hw1/q4_mobile_price",
        "mobile_price",
        4,
        lambda q: q.build_price_net(),
        lambda q, net, rows, seed: q.train_price(net, *rows, seed),
        15,
        rival=unscaled,
    ),
    **{
        f"hw4.q3d {name}": Part(
            "hw4/q3_augmentation",
            "cifar10",
            10,
            lambda q: q.build_cnn(),
            lambda q, net, rows, seed, augmented=augmented: q.train_augmented(net, *rows, augmented, seed),
            2,
        )
        for name, augmented in (("as they are", False), ("augmented", True))
    },
    "hw5.q4d sequential": Part(
        "hw5/q4_image_folder",
        "phantoms",
        4,
        lambda q: q.build_sequential(4),
        lambda q, net, rows, seed: q.fit(net, *rows, 10, seed),
        10,
    ),
    "hw5.q4d functional": Part(
        "hw5/q4_image_folder",
        "phantoms",
        4,
        lambda q: q.FunctionalNet(4),
        lambda q, net, rows, seed: q.fit(net, *rows, 10, seed),
        10,
    ),
    "hw5.q7e": Part(
        "hw5/q7_inception",
        "cifar10",
        10,
        lambda q: q.build_small_inception(),
        lambda q, net, rows, seed: q.train_inception(net, *rows, seed),
        12,
    ),
    **{
        f"hw2.q6f model {number}": Part(
            "hw2/q6_cifar10_cnns",
            "cifar10",
            10,
            lambda q, number=number: getattr(q, f"build_model{number}")(),
            lambda q, net, rows, seed: q.train_cifar(net, *rows, seed),
            5,
            quick_rows=4000,
        )
        for number in (1, 2, 3)
    },
    **{
        f"hw3.q3g {name}": Part(
            "hw3/q3_inverted_mnist",
            "mnist",
            10,
            build,
            lambda q, net, rows, seed: q.train_alpha(net, *rows, seed),
            3,
            quick_rows=2000,
            rows=inverted if name != "control" else lambda rows: rows,
        )
        for name, build in {
            **{f"alpha {alpha:g}": lambda q, alpha=alpha: q.build_leaky_net(alpha) for alpha in (-1, -0.5, 0, 0.5, 1)},
            "PReLU": lambda q: q.build_prelu_net(True),
            "control": lambda q: q.build_leaky_net(1.0),
        }.items()
    },
}


class Scaled(nn.Module):
    """Bytes or floats in [0, 1] to numbers around 0, as the linear rival needs them."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ((x if x.is_floating_point() else x.float() / 255) - 0.5) * 4


def solution(question: str) -> ModuleType:
    """The solution's module, imported from its file."""
    path = COURSE / "solutions" / f"{question}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def linear(rows: Rows, classes: int, epochs: int, seed: int) -> nn.Module:
    """A linear model on all pixels, trained with Adam for as many epochs as the reference."""
    X, y = rows
    order = torch.Generator().manual_seed(seed)
    net = nn.Sequential(Scaled(), nn.Flatten(), nn.Linear(X[0].numel(), classes)).to(X.device)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(epochs):
        for some in torch.randperm(len(y), generator=order).to(X.device).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(X[some]), y[some]).backward()
            optimizer.step()
    return net


def accuracy(net: nn.Module, rows: Rows) -> float:
    """The share of rows whose label the network names, in evaluation mode."""
    net.eval()
    with torch.no_grad():
        answers = torch.cat([net(some).argmax(1) for some in rows[0].split(500)])
    return float((answers == rows[1]).float().mean())


def measure(name: str, part: Part, found: Dataset, profile: str, seeds: int, device: str) -> None:
    """Print the part's rows of the table: on the rows that it was trained on, and on unseen ones."""
    question = solution(part.question)
    kept = part.quick_rows if profile == "quick" else None
    train, unseen = (
        part.rows((torch.from_numpy(X[:most]).to(device), torch.from_numpy(y[:most]).to(device)))
        for (X, y), most in ((found.train, kept), (found.unseen, None))
    )
    seconds, seen, new = [], [], []
    for seed in range(seeds):
        torch.manual_seed(seed)
        net = part.build(question).to(device)
        started = time.perf_counter()
        part.train(question, net, train, seed)
        seconds.append(time.perf_counter() - started)
        seen.append(accuracy(net, train))
        new.append(accuracy(net, unseen))
        print(f"  seed {seed}: trained {seen[-1]:.4f}, unseen {new[-1]:.4f}, {seconds[-1]:.0f} s", flush=True)
    rivals = [
        part.rival(question, train, seed) if part.rival else linear(train, part.classes, part.linear_epochs, seed)
        for seed in range(min(seeds, 3))
    ]
    untrained = part.build(question).to(device)
    for what, rows, results in (("training rows", train, seen), ("unseen rows", unseen, new)):
        rival = statistics.mean(accuracy(net, rows) for net in rivals)
        mean, sd = statistics.mean(results), statistics.stdev(results) if seeds > 1 else float("nan")
        print(
            f"| {name} | {found.source} | {what} ({len(rows[1]):,}) | {mean:.4f} | {sd:.4f} | {min(results):.4f} "
            f"| {rival:.3f} | {accuracy(untrained, rows):.3f} | {rival + 0.08:.3f} to {mean - 3 * sd:.3f} "
            f"| {statistics.mean(seconds):.0f} |",
            flush=True,
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(map(repr, PARTS))}; all by default")
    asked.add_argument("--profile", default="quick", choices=("quick", "full"))
    asked.add_argument("--data", type=Path, help="the folder with the real data sets")
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--device", default="cpu")
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    where = (
        torch.cuda.get_device_name() if given.device == "cuda" else f"{platform.machine()} CPU, {given.threads} threads"
    )
    print(f"{where}; Python {platform.python_version()}, torch {torch.__version__}; {given.profile}; n = {given.seeds}")
    for name in given.parts or PARTS:
        part = PARTS[name]
        found = load(part.data, datasets=COURSE / "datasets", data_dir=given.data, profile=given.profile)
        measure(name, part, found, given.profile, given.seeds, given.device)


if __name__ == "__main__":
    main()
