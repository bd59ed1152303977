"""The notebook that trains a question on a student's own GPU: it runs on Colab, on Kaggle and at home.

What it leaves is the file that the question takes in place of a training, packed by the code that the grader itself
packs weights with, and tried as the grader tries it: in a network that was built anew.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, Any

from grader.authoring.wheel import DISTRIBUTION
from grader.course import Question
from grader.phrases import said
from grader.report_card import code, markdown, notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = "training"  # of the release: nbgrader takes every notebook beside the report card for one of its own

# $names are filled in. The cells stand on Python alone until the wheel is there.
CELLS = {
    "folder": """\
DRIVE = ""

import importlib.util, subprocess, sys, zipfile
from pathlib import Path

on_colab = "google.colab" in sys.modules
if on_colab and DRIVE:
    from google.colab import drive

    drive.mount("/content/drive")
    place = Path("/content/drive/MyDrive", DRIVE)
elif on_colab:
    from google.colab import files

    place = Path("mine")
    for name in files.upload():
        zipfile.ZipFile(name).extractall(place)
else:
    place = Path("..")
found = sorted(place.rglob("$question.py"), key=lambda path: len(path.parts))
assert found, "$no_module"
folder = found[0].parent.resolve()
print(folder)""",
    "install": """\
if any(importlib.util.find_spec(name) is None for name in ("grader", "safetensors")):
    wheels = [str(path) for path in folder.glob("$distribution-*.whl")]
    assert wheels, "$no_wheel"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *wheels, "safetensors"], check=True)
    importlib.invalidate_caches()""",
    "data": """\
PROFILE = "full"

from grader.data.cards import card
from grader.data.fetch import fetch
from grader.data.loaders import load
from rich.console import Console

datasets = folder / "datasets"
if PROFILE == "full" and not card(datasets, "$data").generated:
    fetch("$data", datasets=datasets, console=Console())
data = load("$data", datasets=datasets, profile=PROFILE, console=Console())
print(data.source, [rows[0].shape for rows in (data.train, data.unseen)])""",
    "train": """\
SEED = 1

import time
import torch

sys.path.insert(0, str(folder))
sys.modules.pop("$question", None)
import $question as question

device = "cuda" if torch.cuda.is_available() else "cpu"
print(device, torch.cuda.get_device_name() if device == "cuda" else "")
X, y = (torch.from_numpy(rows).to(device) for rows in data.train)
torch.manual_seed(SEED)
net = question.$build().to(device)
started = time.perf_counter()
for step, loss in enumerate(question.$train(net, X, y, seed=SEED), 1):
    print(f"{step}: loss {loss:.4f}, {time.perf_counter() - started:.0f} s")""",
    "save": """\
from grader.sandbox.weights import misfit, packed, tensors_of, unpacked

on_kaggle = Path("/kaggle/working")
target = (on_kaggle if on_kaggle.is_dir() else folder) / "$file"
target.write_bytes(packed(tensors_of(net)))
print(target, f"{target.stat().st_size / 2**20:.1f} MiB")""",
    "measure": """\
fresh = question.$build()
own = tensors_of(fresh)
other = misfit(target.read_bytes(), packed(own))
assert not other, f"$misfit {other}"
with torch.no_grad():
    for name, values in unpacked(target.read_bytes()).items():
        own[name].copy_(values)
    fresh.to(device).eval()
    for rows, (X, y) in {"$seen": data.train, "$unseen": data.unseen}.items():
        named = torch.cat([fresh(some.to(device)).argmax(1).cpu() for some in torch.from_numpy(X).split(250)])
        print(f"{rows}: {100 * (named == torch.from_numpy(y)).float().mean():.2f} %")""",
    "download": """\
if on_colab:
    from google.colab import files

    files.download(str(target))""",
}


def training_notebook(question: Question, lang: str = "en") -> NotebookNode:
    """The notebook for a question that takes weights; `lang` is that of its texts. The same bytes at every call."""
    weights = question.weights
    assert weights is not None
    facts = {"question": question.id, "distribution": DISTRIBUTION, **vars(weights)}

    def words(key: str) -> str:
        return said(f"elsewhere.{key}", lang, title=question.title.in_language(lang), **facts)

    facts |= {key: words(key) for key in ("no_module", "no_wheel", "misfit", "seen", "unseen")}
    cells: list[dict[str, Any]] = [markdown("how", words("how"), lang)]
    for name, source in CELLS.items():
        if name != "install":  # goes with the folder, and needs no words
            cells.append(markdown(f"about-{name}", words(name), lang))
        cells.append(code(name, Template(source).substitute(facts), {}))
    return notebook(cells)
