"""The training notebook: its cells run from top to bottom, and the grader takes the file that they leave."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.authoring.release import Bundle, bundle, write
from grader.authoring.stub import stub_of
from grader.authoring.training_notebook import training_notebook
from grader.course import Assignment, find_course
from grader.run import Order, run
from tests.prices import prices, with_prices
from tests.sample_course import ENVIRONMENT, ROOT, lay

HW5 = find_course(ROOT).assignment("hw5")
# A module named google.colab that hands up the zip beside the notebook and says what it hands down.
COLAB = """
import sys, types
colab = sys.modules["google.colab"] = types.ModuleType("google.colab")
sys.modules["google"] = types.ModuleType("google")
colab.files = types.SimpleNamespace(upload=lambda: {"hw1.zip": b""}, download=lambda path: print("downloaded", path))
"""
CANNOT_TRAIN = "def train(net, X, y, seed):\n    raise RuntimeError('only weights are measured')\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a question whose training may be handed in."""
    return prices(tmp_path_factory.mktemp("prices") / "course")[0].root


def script(release: Bundle) -> str:
    """The cells of the release's training notebook, one below another."""
    cells = json.loads(release.files["training/q3_prices.ipynb"])["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def played(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The script, run in `folder` by a Python of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**ENVIRONMENT, "GRADER_CACHE": str(folder / "cache")}
    words = [sys.executable, "-W", "error", "-c", text]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def assignment(course: Path) -> Assignment:
    return find_course(course).assignment("hw1")


@pytest.fixture(scope="module")
def release(course: Path, assignment: Assignment) -> Bundle:
    return bundle(find_course(course), assignment)


def test_the_grader_takes_what_the_notebook_leaves(
    course: Path, assignment: Assignment, release: Bundle, tmp_path: Path
) -> None:
    """Unzipped at home, trained, handed in: measured with the weights alone, and full marks."""
    home = tmp_path / "in" / "ada"
    write(release, home)
    lay(home, with_prices())

    ended = played(script(release), home / "training")
    (home / "q3_prices.py").write_bytes(with_prices(CANNOT_TRAIN)["q3_prices.py"])
    told = graded(course, assignment, tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "60: loss" in ended.stdout
    (training,) = told["trainings"]
    accuracies = [100 * entry["accuracy"] for entry in reversed(training["accuracies"])]
    assert training["handed_in"]
    assert [line.rsplit(": ")[-1] for line in ended.stdout.splitlines()[-2:]] == [f"{a:.2f} %" for a in accuracies]
    assert [check["outcome"] for check in sheet_of(tmp_path)["questions"][2]["checks"]] == ["passed", "passed"]


def graded(course: Path, assignment: Assignment, place: Path) -> dict[str, list[dict[str, object]]]:
    """The run file of ada, graded by a run without an audit."""
    order = Order(find_course(course), assignment, place / "in", place / "out", trusted=True)
    run(order)
    found: dict[str, list[dict[str, object]]] = json.loads((place / "out" / "hw1" / "ada.run.json").read_text("utf-8"))
    return found


def sheet_of(place: Path) -> dict[str, list[dict[str, list[dict[str, object]]]]]:
    found: dict[str, list[dict[str, list[dict[str, object]]]]] = json.loads(
        (place / "out" / "hw1" / "ada.json").read_text("utf-8")
    )
    return found


def test_colab_takes_a_zip_and_hands_the_file_down(release: Bundle, tmp_path: Path) -> None:
    """Only there is the file downloaded, after the training."""
    own = Bundle("hw1", {**release.files, **with_prices()})
    lay(tmp_path / "content", {"hw1.zip": own.zipped()})

    ended = played(COLAB + script(release), tmp_path / "content")

    assert ended.returncode == 0, ended.stderr
    (file,) = (tmp_path / "content").rglob("weights.safetensors")
    assert ended.stdout.splitlines()[-1] == f"downloaded {file}"
    assert file.parent.name == "hw1"


def test_kaggle_keeps_the_file_among_its_outputs(course: Path, assignment: Assignment, tmp_path: Path) -> None:
    """The data set that the student added is read alone; nothing is written there. In Persian, too."""
    release = bundle(find_course(course), assignment, "fa")
    lay(tmp_path / "kaggle" / "input" / "mine" / "hw1", {**release.files, **with_prices()})
    working = tmp_path / "kaggle" / "working"

    ended = played(script(release).replace("/kaggle/working", str(working)), working)

    assert ended.returncode == 0, ended.stderr
    assert [path.parent for path in tmp_path.rglob("weights.safetensors")] == [working]


def test_what_is_missing_is_said(release: Bundle, tmp_path: Path) -> None:
    """A folder without the module; a training that gives the network another layer."""
    deeper = (
        "def train(net, X, y, seed):\n    net.append(nn.ReLU())\n    net.append(nn.Linear(4, 4).to(X.device))\n"
        "    return [1.0]\n"
    )
    lay(tmp_path / "hw1", {**release.files, **with_prices(deeper)})

    alone = played(script(release), tmp_path / "empty" / "training")
    other = played(script(release), tmp_path / "hw1" / "training")

    assert "AssertionError: There is no q3_prices.py here: give the folder" in alone.stderr
    assert "AssertionError: The trained network is not the one that build builds" in other.stderr
    assert "differs in 3.bias" in other.stderr


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_course_s_own_notebooks_name_what_is_there(lang: str) -> None:
    """Valid notebooks; every function that they call is in the stub, with the training's arguments."""
    asked = [question for question in HW5.questions if question.weights]

    assert [question.id for question in asked] == ["q7_inception"]
    for question in asked:
        made = training_notebook(question, lang)
        nbformat.validate(made)
        for cell in made.cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)
        stub = ast.parse(stub_of(question.source))
        functions = {f.name: [a.arg for a in f.args.args] for f in stub.body if isinstance(f, ast.FunctionDef)}
        assert question.weights is not None
        assert functions[question.weights.build] == []
        assert functions[question.weights.train] == ["net", "X", "y", "seed"]
        named = {k: v for k, v in vars(question.weights).items() if k in ("file", "build", "train")}
        assert all(value in question.checks.read_text("utf-8") for value in named.values())


def test_it_is_released_with_its_data_set_s_card(release: Bundle, course: Path) -> None:
    """Apart from the report card, since nbgrader takes every notebook beside that for its own; both pages say so."""
    assert release.files["datasets/phones.toml"] == (course / "datasets" / "phones.toml").read_bytes()
    assert [name for name in release.files if name.endswith(".ipynb")] == ["training/q3_prices.ipynb", "hw1.ipynb"]
    for page in ("README.md", "README.fa.md"):
        assert "training/q3_prices.ipynb" in release.files[page].decode()
        assert 'X, y = load("phones", datasets=Path("datasets")).train' in release.files[page].decode()


def test_the_page_s_lines_give_the_rows(release: Bundle, tmp_path: Path) -> None:
    """In the folder that a student gets, as the page has them."""
    folder = lay(tmp_path, release.files)
    _, _, rest = release.files["README.md"].decode().partition("### Data sets")
    lines = [line.strip() for line in rest.splitlines() if line.startswith("    ")]

    told = played("\n".join([*lines, "print(X.shape, y.shape)"]), folder)

    assert told.stdout == "(400, 20) (400,)\n", told.stderr
