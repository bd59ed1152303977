"""What a call across the boundary costs: an answer of each size, from a shut-in worker and back.

    python benchmarks/wire.py

`echo(x)` is called in a worker at this machine's isolation level; medians of milliseconds over --calls. Arrays over
1 MiB go in as sealed memory files that the worker maps, and come back inside the frame.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from contextlib import closing

import numpy as np

from grader.sandbox.isolation import best_nursery
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session
from grader.sandbox.submission import Line, Proxy

SOURCE = b"def echo(x):\n    return x\n"
VALUES = {
    "an int": 7,
    "a list of 1,000 numbers": [float(n) for n in range(1000)],
    "an array of 1 KiB": np.zeros(128),
    "an array of 1 MiB": np.zeros(1 << 17),
    "an array of 16 MiB": np.zeros(1 << 21),
    "an array of 256 MiB": np.zeros(1 << 25),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=50)
    told = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    nursery = best_nursery(trusted=False)
    with closing(nursery), closing(nursery.open_channel()) as channel:
        starts = []
        for _ in range(told.calls):
            session = Session(channel, {"q1.py": SOURCE}, "q1", Limits())
            started = time.perf_counter()
            session.ask({"do": "get", "name": "echo"})
            starts.append(time.perf_counter() - started)
            session.close()
        print(f"level {nursery.level}; medians of {told.calls} calls")
        print(f"{'a worker, from nothing to its first answer':44}{1e3 * statistics.median(starts):9.2f} ms")
        session = Session(channel, {"q1.py": SOURCE}, "q1", Limits(memory=4096))
        echo = Proxy(Line(session, 60.0, {})).echo
        for name, value in VALUES.items():
            spent = []
            for _ in range(told.calls if np.size(value) < 1 << 24 else 10):
                started = time.perf_counter()
                echo(value)
                spent.append(time.perf_counter() - started)
            print(f"{name + ', there and back':44}{1e3 * statistics.median(spent):9.2f} ms")
        session.close()


if __name__ == "__main__":
    main()
