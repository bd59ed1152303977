"""Bars: which accuracy earns which share, and when one training is not enough to decide.

An accuracy on the whole set of unseen rows is exact; what varies is the seed. So a first run that ends below a bar by
less than three standard deviations over seeds is trained again, with one more seed and perhaps another: the mean of all
runs decides, and an equal one counts for the student. A first run at the bar or above it is never revoked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from grader.checking.ledger import Comparer, Ledger, share_of
from grader.checking.wording import listed, short, together
from grader.course import Assignment
from grader.errors import CourseError
from grader.pages.text import number
from grader.phrases import phrase
from grader.records import Text

MOST_RUNS = 3  # trainings that may decide, the first included
CARRIED = 0.9  # of the rows: rounding, on another device too, changes the class of one in some hundred
NEAR = 3.0  # standard deviations below a bar within which another seed might be over it


class Accuracy(float):
    """A first run's accuracy, with the way to further seeds of the same training, measured on the same rows.

    again(run): the accuracy of run 1, 2, or None if it gives none; audit(): train once more for the instructor's list;
    carry(): note whether the network that was measured is the one that was trained, for who has missed a bar; entry:
    of the run file. decided: what counts, once it was compared with bars: the first run or the mean, whichever is more.
    """

    decided: float
    again: Callable[[int], float | None]
    audit: Callable[[], None]
    carry: Callable[[], None]
    entry: dict[str, Any]

    def __new__(
        cls,
        first: float,
        *,
        again: Callable[[int], float | None],
        audit: Callable[[], None],
        carry: Callable[[], None],
        entry: dict[str, Any],
    ) -> Accuracy:
        made = super().__new__(cls, first)
        made.again, made.audit, made.carry, made.entry = again, audit, carry, entry
        return made


class reached(Comparer):  # a word in an assert, like pytest.approx
    """`accuracy == reached({0.60: 2/6, 0.70: 4/6, 0.80: 1}, sd=0.004)`: the share of the highest bar that is reached.

    sd: the standard deviation of the accuracy over seeds, of a network as good as the reference. With it, a near miss
    is trained with up to two more seeds, and their mean decides. Raises CourseError for bars or shares that are none.
    """

    def __init__(self, bars: Mapping[float, float | Fraction], *, sd: float = 0.0) -> None:
        if not bars or not all(0 <= bar <= 1 for bar in bars):
            raise CourseError(f"reached({dict(bars)}): at least one bar was asked, each a number from 0 to 1.")
        self.bars = {bar: share_of(share, "reached") for bar, share in sorted(bars.items())}
        self.sd = sd

    @property
    def top(self) -> float:
        """The bar that earns everything."""
        return max(self.bars)

    def _compare(self, accuracy: object, ledger: Ledger) -> bool:
        if not isinstance(accuracy, float | int) or not 0 <= accuracy <= 1:
            ledger.differ(phrase("training.no_accuracy", value=short(accuracy)))
            return False
        runs = self._runs(accuracy)
        decided = max(runs[0], _mean(runs))
        share, text = self.share(decided), self._told(runs, decided)
        if isinstance(accuracy, Accuracy):
            accuracy.decided = decided
            accuracy.entry |= {"bar": self.top, "runs": runs}
            if share:
                accuracy.audit()
            if decided < self.top:
                accuracy.carry()
                text = together([text, _not_carried(accuracy.entry)])
        if not share:
            ledger.differ(text)
            return False
        ledger.recognise(share, text=None if share == 1 else text)
        return True

    def share(self, accuracy: float) -> Fraction:
        """What this accuracy alone earns; 0 below every bar."""
        return max((share for bar, share in self.bars.items() if accuracy >= bar), default=Fraction(0))

    def _runs(self, accuracy: float) -> list[float]:
        """The accuracies that decide: the first run's alone, unless it is a near miss."""
        runs = [float(accuracy)]
        missed = min((bar for bar in self.bars if bar > accuracy), default=None)
        if missed is None or missed - accuracy >= NEAR * self.sd or not isinstance(accuracy, Accuracy):
            return runs
        while len(runs) < MOST_RUNS and _mean(runs) < missed:
            further = accuracy.again(len(runs))
            if further is None:
                break
            runs.append(further)
        return runs

    def _told(self, runs: Sequence[float], decided: float) -> Text:
        """What the network reaches, what decides, and where points begin or which bar it is over."""
        mean = _mean(runs)
        told = {"accuracy": _percent(runs[0]), "bar": _bar(self.top), "first": _bar(min(self.bars))}
        over = max((bar for bar in self.bars if decided >= bar), default=None)
        if over is not None:
            where = phrase("training.over_a_bar", over=_bar(over), **told)
        else:
            where = phrase("training.one_bar" if len(self.bars) == 1 else "training.no_bar", **told)
        if len(runs) == 1:
            return together([phrase("training.reached", **told), where])
        each = listed([_percent(one) for one in runs])
        told |= {"mean": _percent(mean)}
        return together([phrase("training.mean", runs=len(runs), each=each, **told), where])

    def __repr__(self) -> str:
        return f"reached({self.bars}, sd={self.sd})"


def source_of(profile: str, *, generated: bool) -> str:
    """Which bars of a measure count: full, real or stand-in. `generated`: the rows stand in for real ones."""
    return "full" if profile == "full" else "stand-in" if generated else "real"


def bars_of(assignment: Assignment, measure: str, source: str) -> reached:
    """The bars of one measure ("q7e training rows") from the assignment's bars.toml; `source`: full, real, stand-in."""
    row = assignment.bars().get(measure, {}).get(source)
    if row is None or "bars" not in row:
        path = assignment.folder / "bars.toml"
        raise CourseError(f'{path} has no bars for "{measure}" with the source {source}; add ["{measure}".{source}].')
    shares = row.get("shares", ["1"])
    return reached(dict(zip(row["bars"], map(Fraction, shares), strict=True)), sd=row.get("sd", 0.0))


def _not_carried(entry: Mapping[str, Any]) -> Text:
    """A sentence for whose network is another one where it is measured; "" for everybody else's."""
    carried = entry.get("carried", 1.0)
    return phrase("training.not_carried", share=_percent(carried)) if carried < CARRIED else Text("", "")


def _mean(runs: Sequence[float]) -> float:
    return round(math.fsum(runs) / len(runs), 12)  # 0.79, 0.80 and 0.81 make 0.80, not a little less


def _percent(accuracy: float) -> Text:
    """With two digits, rounded down: who is a little below a bar does not read the bar."""
    cut = math.floor(10_000 * accuracy + 1e-6) / 100
    return Text(f"{cut:.2f}", number(cut, "fa"))


def _bar(bar: float) -> Text:
    return Text(f"{100 * bar:g}", number(100 * bar, "fa"))
