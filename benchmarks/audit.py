"""The audit's gaps of honest networks: how much they lose on perturbed copies, and under other label names.

    python benchmarks/audit.py [PART ...] [--data DIR] [--seeds 5]

Each seed is trained twice, as a graded training and its audit are. Prints rows of `docs/trainings.md`; the thresholds
in `grader/checking/audit.py` lie above the largest gap of all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from training import COURSE, PARTS, accuracy, solution

from grader.checking.audit import copies_of, looked_at, noisy, renamed
from grader.data.loaders import load

CHEAP = (
    "hw1.q4d",
    "hw2.q6f model 1",
    "hw2.q6f model 2",
    "hw2.q6f model 3",
    "hw3.q3g alpha 0",
    "hw3.q3g PReLU",
    "hw5.q4d sequential",
    "hw5.q4d functional",
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("parts", nargs="*", metavar="PART", help="parts as benchmarks/training.py names them")
    asked.add_argument("--data", type=Path, help="the folder with the real data sets")
    asked.add_argument("--seeds", type=int, default=5)
    given = asked.parse_args()
    torch.set_num_threads(1)
    for name in given.parts or CHEAP:
        part = PARTS[name]
        question = solution(part.question)
        found = load(part.data, datasets=COURSE / "datasets", data_dir=given.data, profile="quick")
        X, y = (torch.from_numpy(rows[: part.quick_rows]) for rows in found.train)
        train = part.rows((X, y))
        rows = part.rows((torch.from_numpy(found.unseen[0]), torch.from_numpy(found.unseen[1])))
        gaps: dict[str, list[float]] = {}
        for seed in range(given.seeds):
            torch.manual_seed(seed)
            net = part.build(question)
            part.train(question, net, train, seed)
            numbers = np.random.default_rng(seed)
            chosen = looked_at(len(rows[1]), numbers)
            x, y = rows[0][chosen].numpy(), rows[1][chosen]
            copies = copies_of(x, numbers)
            plain = accuracy(net, (rows[0][chosen], y))
            told = {what: accuracy(net, (torch.from_numpy(copy), y)) for what, copy in copies.items()}
            for what in told:
                gaps.setdefault(what, []).append(plain - told[what])
            names = renamed(train[1].numpy(), numbers, ordered=part.data == "mobile_price")
            other = part.build(question)
            part.train(question, other, (train[0], torch.from_numpy(names(train[1].numpy()))), seed + 100)
            again = accuracy(other, (torch.from_numpy(noisy(x, numbers)), torch.from_numpy(names(y.numpy()))))
            gaps.setdefault("other names", []).append(plain - again)
        largest = " | ".join(f"{max(gaps[what]):.3f}" if what in gaps else "" for what in ("flipped", "shifted"))
        print(f"| {name}, {found.source} | {given.seeds} | {largest} | {max(gaps['other names']):.3f} |", flush=True)


if __name__ == "__main__":
    main()
