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
BY_LUCK = 0.1  # above chance, on 250 rows: three of its standard deviations, where two classes are equally frequent
PROMISED = 0.25  # of the rows more than are known: a last batch or dropout makes losses say a little less or more
NEAR = 3.0  # standard deviations below a bar within which another seed might be over it


class Accuracy(float):
    """A first run's accuracy, with the way to further seeds of the same training, measured on the same rows.

    again(run): the accuracy of run 1, 2, or None if it gives none; audit(): train once more for the instructor's list;
    losses: what its training told; look_back(): note what became of the network since, for who has missed a bar;
    entry: of the run file. decided: what counts, once it was compared with bars: the first run or the mean, whichever
    is more.
    """

    decided: float
    again: Callable[[int], float | None]
    audit: Callable[[], None]
    losses: Sequence[float]
    look_back: Callable[[], None]
    entry: dict[str, Any]

    def __new__(
        cls,
        first: float,
        *,
        again: Callable[[int], float | None],
        audit: Callable[[], None],
        losses: Sequence[float],
        look_back: Callable[[], None],
        entry: dict[str, Any],
    ) -> Accuracy:
        made = super().__new__(cls, first)
        made.again, made.audit, made.losses, made.look_back, made.entry = again, audit, losses, look_back, entry
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
        ledger.missed |= share < 1
        if isinstance(accuracy, Accuracy):
            accuracy.decided = decided
            accuracy.entry |= {"bar": self.top, "runs": runs}
            if share:
                accuracy.audit()
            if decided < self.top:
                accuracy.look_back()
                text = together([text, _cause(accuracy.entry, accuracy.losses)])
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


def _cause(entry: Mapping[str, Any], losses: Sequence[float]) -> Text:
    """Why a network is below the bar, where its training shows it; "" where it does not."""
    carried = entry.get("carried", 1.0)
    if entry.get("untouched"):
        return phrase("training.untouched")
    if losses and not math.isfinite(losses[-1]):
        return phrase("training.diverged")
    if carried < CARRIED:
        return phrase("training.not_carried", share=_percent(carried))
    return phrase("training.elsewhere") if _learnt_elsewhere(entry, losses) else Text("", "")


def _learnt_elsewhere(entry: Mapping[str, Any], losses: Sequence[float]) -> bool:
    """Whether losses fell, but the network knows no row of its training: it was shown other numbers there.

    A mean cross-entropy L says that the right class has a probability of exp(-L) or more, on average (Jensen). Other
    losses, and wrongly scaled ones, need not; so they must have fallen to less than half, too.
    """
    if len(losses) < 2 or "known" not in entry or not 0 <= losses[-1] < losses[0] / 2:
        return False
    by_chance = entry["known"] <= entry["chance"] + BY_LUCK
    return bool(by_chance and math.exp(-losses[-1]) - entry["known"] > PROMISED)


def _mean(runs: Sequence[float]) -> float:
    return round(math.fsum(runs) / len(runs), 12)  # 0.79, 0.80 and 0.81 make 0.80, not a little less


def _percent(accuracy: float) -> Text:
    """With two digits, rounded down: who is a little below a bar does not read the bar."""
    cut = math.floor(10_000 * accuracy + 1e-6) / 100
    return Text(f"{cut:.2f}", number(cut, "fa"))


def _bar(bar: float) -> Text:
    return Text(f"{100 * bar:g}", number(100 * bar, "fa"))
