"""What a parent does before it forks: import what students and checks import, run one sentence of each on one thread.

Libraries import and compile lazily: without it, every child would pay 600 ms for its first optimiser, 550 ms for
torch's meta device, 470 ms for matplotlib. One thread: a child forked after a multi-threaded call hangs at its own.
"""

from __future__ import annotations

import gc

# No GPU: an optimiser's first step looks for one, and children that were forked after that could not use it. Nor could
# they after the first gradient, for which torch counts the cards for good: whose children train there computes none.
NO_GPU = {"CUDA_VISIBLE_DEVICES": "", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
# What such a parent finds in its environment before it starts. One thread, which libraries read when they are imported.
# Memory by the C library, which puts it on large pages where it can (glibc 2.35): a fork then copies some hundred table
# entries and not sixty thousand, 3.5 ms with its exit against 11 ms (Linux 6.18, torch 2.13).
FORKING = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    **NO_GPU,
}
REHEARSALS = 10  # Python 3.11 specialises a function's code after eight calls


def warm(*, gradients: bool = True) -> None:
    """Import and exercise numpy, sympy and torch in the calling process. `gradients`: False where children use a GPU.

    Nothing that is imported becomes garbage, so the collector has the time off (a third of it) until `ready_to_fork`.
    """
    gc.disable()
    import numpy as np
    import sympy
    import torch
    import torch._dynamo

    from grader.sandbox import worker  # noqa: F401  (what the workers themselves run)
    from grader.sandbox.layers import assemble, dismantle
    from grader.sandbox.weights import packed, unpacked

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    x = sympy.Symbol("x")
    sympy.diff(x * sympy.tanh(sympy.log(1 + sympy.exp(x))), x)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(2 * 36, 2))
    for optimiser in (torch.optim.SGD(net.parameters(), 0.1), torch.optim.Adam(net.parameters(), 0.1)):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.zeros(2, 1, 8, 8)), torch.tensor([0, 1]))
        if gradients:
            loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assemble(dismantle(net))
    unpacked(packed(net.state_dict()))
    np.linalg.svd(np.random.default_rng(0).normal(size=(4, 3)))


def rehearse(*, gradients: bool = True) -> None:
    """Answer for a hand-in of our own until Python has specialised the code: each child is spared that."""
    import sys
    from pathlib import Path
    from typing import Any

    import numpy as np

    from grader.sandbox.wire import Marked, pack, unpack
    from grader.sandbox.worker import StudentResponder, import_file

    path = Path(__file__).with_name("rehearsal.py")
    X, images = np.ones((4, 4)), np.ones((2, 3, 8, 8), np.float32)
    calls: list[tuple[str, list[Any]]] = [
        ("derivative", []),
        ("products", [X, X[:2, :2]]),
        *([("gradient", [X])] if gradients else []),
        ("build", []),
        ("Block", [4]),
    ]
    for _ in range(REHEARSALS):
        responder = StudentResponder(import_file(path))
        requests: list[dict[str, Any]] = [{"do": "get", "name": name} for name, _ in calls]
        requests += [
            {"do": "call", "target": Marked("name", name), "args": args, "kwargs": {}, "threads": 1}
            for name, args in calls
        ]
        operations: list[dict[str, Any]] = [{"op": "forward", "inputs": images, "batch": 0}]
        operations += [{"op": "weights"}, {"op": "dismantle"}]
        requests += [{"do": "network", "number": number, **told} for told in operations for number in (0, 1)]
        for request in requests:
            tree, tails = pack(request)
            pack(responder.answer(unpack(tree, [bytearray(tail.tobytes()) for tail in tails])))
    del sys.modules[path.stem]


def ready_to_fork() -> None:
    """What is here stays: collections in children leave it, and the pages that it lies on, alone."""
    gc.freeze()
    gc.enable()


def find_fonts() -> None:
    """Matplotlib's list of fonts, from its cache in our home: inside a jail it would be made anew, in 0.6 s."""
    import matplotlib.font_manager  # noqa: F401


def warm_pictures() -> None:
    """Import and exercise matplotlib (Agg) and Pillow: for workers alone, since verifiers get figures as data."""
    import matplotlib

    matplotlib.use("Agg")

    import PIL.Image
    from matplotlib import pyplot

    from grader.sandbox.figure import describe_figure, draw_without_windows

    draw_without_windows(pyplot)
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], [0, 1], label="line")
    axes.legend()
    describe_figure(figure)
    pyplot.close(figure)
    PIL.Image.init()
