"""The bill of a class: how long `grader run hw5 --plan` takes and what it says, for a realistic mix of hand-ins.

    python benchmarks/bill.py [--students 300]

Of ten students five hand in code as a folder or a zip, three bring weights with it, one has not begun the trained
question, and one hands in what is no Python, or an archive that is torn.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from training import COURSE, solution

from grader.authoring.stub import stub_of
from grader.authoring.wheel import zipped
from grader.course import find_course
from grader.sandbox.weights import packed, tensors_of

TRAINED = "q7_inception"


def write_class(folder: Path, students: int) -> None:
    """A folder or archive a student; numbers 0 to 4 of each ten code, 5 to 7 weights, 8 a stub, 9 something broken."""
    hw5 = find_course(COURSE).assignment("hw5")
    code = {f"{question.id}.py": question.source.read_bytes() for question in hw5.questions}
    stub = stub_of(hw5.question(TRAINED).source).encode()
    weights = packed(tensors_of(solution(f"hw5/{TRAINED}").build_small_inception()))
    for number in range(students):
        kind, name = number % 10, folder / f"s{number:04}"
        files = {
            **code,
            **({"weights.safetensors": weights} if 5 <= kind <= 7 else {}),
            **({f"{TRAINED}.py": stub} if kind == 8 else {}),
            **({f"{TRAINED}.py": b"def conv_out(:\n"} if kind == 9 else {}),
        }
        if number % 20 == 19:
            name.with_suffix(".zip").write_bytes(b"PK, and then the connection broke")
        elif number % 5 == 4:
            name.with_suffix(".zip").write_bytes(zipped({f"hw5/{file}": content for file, content in files.items()}))
        else:
            name.mkdir()
            for file, content in files.items():
                (name / file).write_bytes(content)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--students", type=int, default=300)
    told = asked.parse_args()
    place = Path(tempfile.mkdtemp())
    try:
        write_class(place, told.students)
        for profile in ("quick", "full"):
            words = ["run", "hw5", "--plan", "--profile", profile, "--workers", "2", "--submissions", str(place)]
            started = time.perf_counter()
            subprocess.run([sys.executable, "-m", "grader", *words], cwd=COURSE, check=True)
            print(f"({time.perf_counter() - started:.1f} s)\n", flush=True)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
