"""The table of bars: how well the reference, a linear model and an untrained network do in each part that trains.

    python benchmarks/training.py [PART ...] [--profile quick] [--data DIR] [--seeds 5] [--threads 1] [--write]

Measures each part on the real set where it is found and on its stand-in otherwise. With `--write` the figures go into
`solutions/<assignment>/bars.toml`, beside the bars, which people set; `docs/bars.py` takes them into docs/bars.md.
The rule is: bar >= linear + 0.08 and bar <= the reference's mean - 3 sd (tests/course/test_bars.py).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import statistics
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

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


def measure_part(
    name: str, part: Part, found: Dataset, profile: str, seeds: int, device: str
) -> dict[str, dict[str, Any]]:
    """The figures of a part by measure: `name` is of unseen rows, `name training rows` of those it was trained on."""
    question = solution(part.question)
    clock = time.process_time if device == "cpu" else time.perf_counter  # other work on the machine is not its own
    threads = torch.get_num_threads() if device == "cpu" else 1
    kept = part.quick_rows if profile == "quick" else None
    train, unseen = (
        part.rows((torch.from_numpy(X[:most]).to(device), torch.from_numpy(y[:most]).to(device)))
        for (X, y), most in ((found.train, kept), (found.unseen, None))
    )

    def trained(seed: int, labels: torch.Tensor) -> nn.Module:
        torch.manual_seed(seed)
        net = part.build(question).to(device)
        part.train(question, net, (train[0], labels), seed)
        return net

    measures = {name: unseen, f"{name} training rows": train}
    seconds: list[float] = []
    results: dict[str, list[float]] = {measure: [] for measure in measures}
    for seed in range(seeds):
        started = clock()
        net = trained(seed, train[1])
        seconds.append((clock() - started) / threads)
        for measure, rows in measures.items():
            results[measure].append(accuracy(net, rows))
        print(f"  seed {seed}: {', '.join(f'{r[-1]:.4f}' for r in results.values())}, {seconds[-1]:.0f} s", flush=True)
    rivals = [
        part.rival(question, train, seed) if part.rival else linear(train, part.classes, part.linear_epochs, seed)
        for seed in range(min(seeds, 3))
    ]
    untrained = part.build(question).to(device)
    shuffled = trained(0, train[1][torch.randperm(len(train[1]), generator=torch.Generator().manual_seed(0))])
    return {
        measure: {
            "rows": len(rows[1]),
            "n": seeds,
            "mean": round(statistics.mean(results[measure]), 4),
            "sd": round(statistics.stdev(results[measure]), 4) if seeds > 1 else 0.0,
            "lowest": round(min(results[measure]), 4),
            "linear": round(statistics.mean(accuracy(net, rows) for net in rivals), 4),
            "untrained": round(accuracy(untrained, rows), 4),
            "shuffled": round(accuracy(shuffled, rows), 4),
            "seconds": round(statistics.mean(seconds), 1),
        }
        for measure, rows in measures.items()
    }


def write(name: str, where: str, told: dict[str, Any], device: str) -> None:
    """Put the figures into the assignment's table, if it has such a row; its bars stay as they are."""
    assignment, _, measure = name.partition(".")
    path = COURSE / "solutions" / assignment / "bars.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if where in table.get(measure, {}):
        table[measure][where] |= told | {"device": device}
        path.write_text(as_toml(path.read_text(encoding="utf-8").split("\n\n")[0], table), encoding="utf-8")


def as_toml(heading: str, table: dict[str, dict[str, dict[str, Any]]]) -> str:
    """The table as it lies in solutions/: the heading, then a section a measure and source."""
    sections = [heading]
    for measure, sources in table.items():
        for source, values in sources.items():
            lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
            sections.append("\n".join([f'["{measure}".{source}]', *lines]))
    return "\n\n".join(sections) + "\n"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(map(repr, PARTS))}; all by default")
    asked.add_argument("--profile", default="quick", choices=("quick", "full"))
    asked.add_argument("--data", type=Path, help="the folder with the real data sets")
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--threads", type=int, default=1)
    asked.add_argument("--device", default="cpu")
    asked.add_argument("--write", action="store_true", help="put the figures into solutions/*/bars.toml")
    given = asked.parse_args()
    if unknown := [name for name in given.parts if name not in PARTS]:
        asked.error(f"there is no part {unknown[0]!r}; --help lists them")
    torch.set_num_threads(given.threads)
    where = torch.cuda.get_device_name() if given.device == "cuda" else f"{platform.machine().replace('_', '-')} CPU"
    device = f"{where}, {given.threads} thread{'s' if given.threads > 1 else ''}, torch {torch.__version__}"
    print(f"{device}; Python {platform.python_version()}; {given.profile}; n = {given.seeds}")
    for name in given.parts or PARTS:
        part = PARTS[name]
        found = load(part.data, datasets=COURSE / "datasets", data_dir=given.data, profile=given.profile)
        source = "full" if given.profile == "full" else "stand-in" if found.source == "stand-in" else "real"
        for measure, told in measure_part(name, part, found, given.profile, given.seeds, given.device).items():
            print(f"{measure}, {source}: {', '.join(f'{key} {value}' for key, value in told.items())}", flush=True)
            if given.write:
                write(measure, source, told, device)


if __name__ == "__main__":
    main()
