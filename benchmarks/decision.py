"""Wrong decisions at a bar of 0.80, with one training and with up to two more: 200 students around the bar.

    python benchmarks/decision.py [--classes 200] [--plot docs/decision.png]

A student's network has a true mean accuracy between 0.78 and 0.82, and each seed scatters around it by the standard
deviation. A decision is wrong if it passes a mean below the bar, or refuses one at the bar or above. Every class is
decided by `grader.checking.bars.reached` itself. Prints the table of `docs/trainings.md`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.checking.bars import MOST_RUNS, Accuracy, reached

BAR, STUDENTS, ROWS = 0.80, 200, 10_000
SDS = (0.003, 0.006, 0.012)  # of CIFAR-10 networks over seeds: the whole set, and the practice subset
Passed = NDArray[np.bool_]


@dataclass(frozen=True)
class Decided:
    """What a rule made of some classes. passed: (classes, students); trainings: a student, on average."""

    passed: Passed
    trainings: float


def accuracies(
    means: NDArray[np.float64], sd: float, classes: int, numbers: np.random.Generator
) -> NDArray[np.float64]:
    """(classes, students, 3): what each seed would give, a number of right rows of 10,000."""
    drawn = numbers.normal(means[None, :, None], sd, (classes, len(means), MOST_RUNS))
    return np.clip(np.round(drawn * ROWS), 0, ROWS) / ROWS


def once(runs: NDArray[np.float64]) -> Decided:
    """The first run alone."""
    return Decided(runs[:, :, 0] >= BAR, 1.0)


def always(runs: NDArray[np.float64]) -> Decided:
    """The mean of three runs, whatever the first says."""
    return Decided(runs.mean(2) >= BAR - 1e-12, float(MOST_RUNS))


def by_the_rule(runs: NDArray[np.float64], sd: float) -> Decided:
    """As students are judged."""
    bar = reached({BAR: 1}, sd=sd)
    passed = np.zeros(runs.shape[:2], bool)
    trainings = 0
    for place in np.ndindex(passed.shape):
        accuracy = Accuracy(
            runs[place][0],
            again=lambda number, seeds=runs[place]: float(seeds[number]),
            audit=lambda: None,
            losses=[],
            look_back=lambda: None,
            entry={},
        )
        passed[place] = accuracy == bar
        trainings += len(accuracy.entry["runs"])
    return Decided(passed, trainings / passed.size)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--classes", type=int, default=200, help="classes of 200 students")
    asked.add_argument("--plot", type=Path, help="where the picture goes")
    given = asked.parse_args()
    means = np.linspace(0.78, 0.82, STUDENTS)
    numbers = np.random.default_rng(80)
    curves = {}
    print("| sd | decided by | wrong of 200 | refused though good | passed though not | trainings a student |")
    print("|---|---|---|---|---|---|")
    for sd in SDS:
        runs = accuracies(means, sd, given.classes, numbers)
        rules = {"one run": once(runs), "the rule": by_the_rule(runs, sd), "three runs always": always(runs)}
        for name, decided in rules.items():
            refused = (~decided.passed & (means >= BAR)).sum(1).mean()
            let_through = (decided.passed & (means < BAR)).sum(1).mean()
            wrong = f"{refused + let_through:.1f} | {refused:.1f} | {let_through:.1f}"
            print(f"| {sd:g} | {name} | {wrong} | {decided.trainings:.2f} |")
        curves[sd] = {name: decided.passed.mean(0) for name, decided in rules.items()}
    if given.plot:
        draw(means, curves, given.plot)


def draw(means: NDArray[np.float64], curves: dict[float, dict[str, NDArray[np.float64]]], path: Path) -> None:
    """The share that passes against the true mean, one panel a standard deviation."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(curves), figsize=(10, 3.2), sharey=True, layout="constrained")
    for axes, (sd, rules) in zip(panels, curves.items(), strict=True):
        for (name, shares), dash in zip(rules.items(), (":", "-", "--"), strict=True):
            axes.plot(100 * means, shares, dash, color="#1f6f78", label=name)
        axes.axvline(100 * BAR, color="#b3722a", lw=1)
        axes.set_title(f"sd over seeds {100 * sd:g} %", fontsize=10)
        axes.set_xlabel("true mean accuracy, %")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("share that passes")
    panels[0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
