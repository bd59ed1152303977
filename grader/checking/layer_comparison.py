"""The layers of a network beside the solution's of the same call: what an instructor looks at when a check has failed.

Separate from the proof, since nothing is judged by it: many networks that differ from the solution's are right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from grader.checking import ledger
from grader.checking.handle import Handle
from grader.checking.network import Nets
from grader.checking.wording import cut, short
from grader.phrases import phrase

SETTINGS = 5  # of a layer, in torch's order: channels, kernel, stride and padding of a convolution
DEEPEST = 100  # layers of a side: matching takes the square of it
NAMED = 20  # layers in the sentence for the student


def compare(networks: Nets) -> None:
    """Note the last network that the failed check was given beside the solution's, if their layers differ.

    The table is the instructor's. The student is reminded of their own layers' types, where no hint is known; but not
    below a bar, for there the layers are their own choice.
    """
    if not networks.given:
        return
    given = networks.given[-1]
    expected = given.twin()
    if expected is None:
        return
    theirs, ours = list(_layers(given))[:DEEPEST], list(_layers(expected))[:DEEPEST]
    if theirs == ours:
        return
    book = ledger.current()
    book.details.append("\n".join(side_by_side(ours, theirs)))
    if book.missed:
        return
    kinds = [text.partition("(")[0] for text in theirs]
    more = ["…"] if len(kinds) > NAMED else []
    book.advice = phrase("network.layers", layers=", ".join([*kinds[:NAMED], *more]))


def side_by_side(expected: list[str], given: list[str]) -> Iterator[str]:
    """The two columns with a sign between them: | for what differs, < for what is missing, > for what is too many."""
    heads = f"layers as expected ({len(expected)})", f"as given ({len(given)})"
    width = max(map(len, [heads[0], *expected]))
    yield f"{heads[0]:{width}}   {heads[1]}"
    for tag, i, i_end, j, j_end in SequenceMatcher(None, expected, given, autojunk=False).get_opcodes():
        for ours, theirs in zip_longest(expected[i:i_end], given[j:j_end], fillvalue=""):
            sign = " " if tag == "equal" else "|" if ours and theirs else "<" if ours else ">"
            yield f"{ours:{width}} {sign} {theirs}".rstrip()


def _layers(net: Handle) -> Iterator[str]:
    """Each module that computes or holds parameters: its type, its first settings, and how many parameters it has."""
    own: defaultdict[str, int] = defaultdict(int)
    for row in net.rows:
        if row.parameter and not row.tied_to:
            own[row.name.rpartition(".")[0]] += row.size
    parents = {layer.path.rpartition(".")[0] for layer in net.layers if layer.path}
    for layer in net.layers:
        if layer.path not in parents or own[layer.path]:
            first = list(layer.settings.items())[:SETTINGS]
            settings = ", ".join(f"{short(key)}={short(cut(value))}" for key, value in first)
            yield f"{short(layer.type)}({settings}) {cut(own[layer.path]) if own[layer.path] else ''}".rstrip()
