"""Hand-ins whose networks are not what they seem to be."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from tests.hostile.members import Member, network


def cheats(place: Path) -> dict[str, Member]:
    counts = {
        "lies-about-parameters": """
class Lying(nn.Linear):
    def parameters(self, recurse=True): return iter([nn.Parameter(torch.zeros(47))])
    def state_dict(self, *given, **more): return {"weight": torch.zeros(47)}
def build(): return Lying(6, 2)
""",
        "patches-torch": """
nn.Module.parameters = lambda self, recurse=True: iter([nn.Parameter(torch.zeros(47))])
def build(): return nn.Linear(6, 2)
""",
        "patches-a-count": """
torch.Tensor.numel = lambda self: 47
def build(): return nn.Linear(6, 2, bias=False)
""",
        "pads": """
class Padded(nn.Linear):
    def __init__(self):
        super().__init__(6, 2)
        self.more = nn.Parameter(torch.zeros(33))
def build(): return Padded()
""",
        "pads-and-multiplies-by-nothing": """
class Padded(nn.Linear):
    def __init__(self):
        super().__init__(6, 2)
        self.more = nn.Parameter(torch.zeros(33))
    def forward(self, x): return super().forward(x) + 0 * self.more.sum()
def build(): return Padded()
""",
    }
    accuracies = {
        "finds-the-labels": """
import sys
class Peeking(nn.Sequential):
    def forward(self, x):
        frame = sys._getframe()
        while frame is not None:
            y = frame.f_locals.get("labels")
            if y is not None and len(y) == len(x):
                return nn.functional.one_hot(torch.as_tensor(y), 2).float()
            frame = frame.f_back
        return torch.zeros(len(x), 2)
def build(): return Peeking(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): return []
""",
        "labels-by-place": """
class Placing(nn.Sequential):
    def forward(self, x):
        second = torch.arange(len(x)) >= len(x) // 2
        return nn.functional.one_hot(second.long(), 2).float() + 0 * super().forward(x)
def build(): return Placing(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): return []
""",
        "remembers": """
SEEN = {}
class Remembering(nn.Sequential):
    def forward(self, x):
        known = torch.tensor([SEEN.get(row.numpy().tobytes(), 0) for row in x.detach()])
        return nn.functional.one_hot(known, 2).float() + 0 * super().forward(x)
def build(): return Remembering(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): SEEN.update({row.numpy().tobytes(): int(label) for row, label in zip(X, y)})
""",
        "hides-a-network": """
from torch.utils.data import DataLoader
HIDDEN = nn.Sequential(nn.Linear(6, 50), nn.Tanh(), nn.Linear(50, 2))
class Fronting(nn.Sequential):
    def forward(self, x): return HIDDEN(x) + 1e-9 * super().forward(x)
def build(): return Fronting(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
honest = fit
def fit(net, X, y, seed): return honest(HIDDEN, X, y, seed)
""",
        "keeps-it-on-disk": """
import os, tempfile
KEPT = os.path.join(tempfile.gettempdir(), "kept.pt")
class Keeping(nn.Sequential):
    def forward(self, x):
        seen = torch.load(KEPT) if os.path.exists(KEPT) else {}
        known = torch.tensor([seen.get(row.numpy().tobytes().hex(), 0) for row in x.detach()])
        return nn.functional.one_hot(known, 2).float() + 0 * super().forward(x)
def build(): return Keeping(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
def fit(net, X, y, seed): torch.save({row.numpy().tobytes().hex(): int(label) for row, label in zip(X, y)}, KEPT)
""",
    }
    checkpoint = pickle.dumps(Owning(str(place / "owned")))
    return {
        **{f"cheats-{name}": Member("cheating", network(source), "q3a") for name, source in counts.items()},
        **{f"cheats-{name}": Member("cheating", network(source), "q3b") for name, source in accuracies.items()},
        "cheats-checkpoint": Member(
            "cheating", network("def build(): return nn.Linear(6, 2)\n", **{"weights.pkl": checkpoint}), "q3a"
        ),
    }


class Owning:
    """A pickle that writes a file when it is opened."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self.path, "w")
