"""Whether a run trains on a GPU: asked for, there, of use, and usable by a worker that is shut in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.errors import GraderError
from grader.sandbox.gpu import Gpu, begin_on_gpu, finish_on_gpu
from grader.sandbox.session import Begun, NurseryProcess, give_up


class OnGpu:
    """The nursery for a run's trainings on a GPU, which warms up from here on; none where `device` is cpu.

    cuda insists: GraderError says why it cannot be. auto takes a `card` (its nodes) that is there, and says in
    `why_not` why it could not be used.
    """

    def __init__(self, device: str, card: Sequence[str]) -> None:
        self.gpu: Gpu | None = None
        self.why_not = ""
        self._insists = device == "cuda"
        self._card = card
        self._begun: Begun | None = None
        if self._insists or (device == "auto" and card):
            try:
                self._begun = begin_on_gpu(card)
            except GraderError as fault:
                self._do_without(fault)

    def nurseries(self, *, trains: bool, trusted: bool) -> list[NurseryProcess]:
        """The nursery, if a worker of it has computed on the card; waits for that. None for a run that does not train.

        `trusted`: without isolation, where this machine gives none.
        """
        if not (trains or self._insists):
            self.close()
        if self._begun is not None:
            try:
                nursery, self.gpu = finish_on_gpu(self._begun, self._card, trusted=trusted)
            except GraderError as fault:
                self._do_without(fault)
            else:
                return [nursery]
        return []

    def plain(self, share: int) -> dict[str, Any]:
        """For the instructor's side: the card's name and how many trainings of `share` MiB it holds."""
        if self.gpu is None:
            return {"gpu": "", "on_gpu": 0}
        return {"gpu": self.gpu.name, "on_gpu": self.gpu.holds(share)}

    def close(self) -> None:
        """End what was begun, for a run that came to nothing."""
        if self._begun is not None:
            give_up(self._begun)
            self._begun = None

    def _do_without(self, fault: GraderError) -> None:
        if self._insists:
            raise GraderError(f"--device cuda: {fault}. Pass --device cpu, or see `grader doctor`.") from fault
        self.why_not = str(fault)
