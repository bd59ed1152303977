"""Beside the student's code: loads their module, runs what it is asked, answers with data. Nothing here is trusted.

The same responder, inside the verifier's own process, serves the solution: both sides hand over the same types.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import StringIO
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.records import NOT_WRITTEN
from grader.sandbox import figure
from grader.sandbox.arguments import lay, rebuild
from grader.sandbox.describe import Handles, describe
from grader.sandbox.device import carried, settle
from grader.sandbox.layers import dismantle
from grader.sandbox.notices import Tell, lines_told, seldom
from grader.sandbox.refused import NotSerializable
from grader.sandbox.weights import modules_of, packed, tensors_of, unpacked
from grader.sandbox.wire import Channel, Marked

MESSAGE_LIMIT = 300  # characters of an exception's own text that the student reads back
STDOUT_LIMIT = 1 << 16
LOSSES_KEPT = 5_000  # of a training
NO_MEMORY = {"raised": "MemoryError", "message": "", "where": []}


class StudentResponder:
    """One loaded module and what it has handed out."""

    def __init__(self, module: Any = None) -> None:
        self.module = module
        self.path = Path()
        self.handles = Handles()
        self.insides: dict[str, Any] = {}
        self.tell: Tell = lambda told: None  # before the answer to a training

    def named(self, name: str) -> Any:
        value = self.module
        for step in name.split("."):
            value = getattr(value, step)
        return value

    def handed_out(self, number: int) -> Any:
        return self.handles[number]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request, one reply: {"value": ...} or one of unwritten, missing, raised, refused."""
        serve: Callable[[dict[str, Any]], Any] = getattr(self, f"do_{request['do']}")
        try:
            return serve(request)  # type: ignore[no-any-return]
        except NotSerializable as fault:
            return fault.reply
        except MemoryError:
            return NO_MEMORY
        except BaseException as fault:  # SystemExit and KeyboardInterrupt of the student too
            return self._fault(fault)

    def do_load(self, request: dict[str, Any]) -> dict[str, Any]:
        home = Path(request["home"])
        lay(home, request["files"])
        os.chdir(home)
        sys.path.insert(0, str(home))
        seed_everything()
        self.path = home / f"{request['module']}.py"
        self.module = import_file(self.path)
        figure.close_all()
        return {"value": None}

    def do_get(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            value = self.named(request["name"])
        except AttributeError:
            return {"missing": request["name"]}
        if callable(value) and not _is_network(value):
            return {"callable": True}
        return {"value": describe(value, self.handles)}

    def do_call(self, request: dict[str, Any]) -> dict[str, Any]:
        target = request["target"]
        if isinstance(target, Marked) and target.tag == "inside":
            function = self._inside(*target.payload)
        else:
            try:
                function = rebuild(target, self)
            except AttributeError:
                return {"missing": target.payload}
        named = rebuild(request["kwargs"], self)
        arguments = _made_ready(request, rebuild(request["args"], self))
        if "limit" in request:
            return {"value": describe(self._trained(function, arguments, named, request["limit"]), self.handles)}
        if not request.get("watch"):
            return {"value": self._described(function(*arguments, **named))}
        return self._watched(function, arguments, named)

    def _trained(self, function: Any, arguments: list[Any], named: dict[str, Any], limit: float) -> Any:
        """The losses that a training function returns or yields; what it yields or prints is told as it comes.

        One that yields its loss after each epoch can be stopped: at the first yield after `limit` seconds.
        """
        started = time.monotonic()
        with lines_told(self.tell):
            told = function(*arguments, **named)
            if not isinstance(told, Iterator):
                return list(islice(_numbers(told), LOSSES_KEPT))
            losses: list[float] = []
            for step, loss in enumerate(told, 1):
                numbers = list(islice(_numbers(loss), 2))
                if len(numbers) != 1:
                    raise TypeError(f"yield one number, the mean loss of the epoch; this was a {type(loss).__name__}")
                if step <= LOSSES_KEPT:
                    losses += numbers
                self.tell({"step": step, "loss": numbers[0]})
                if time.monotonic() - started > limit:
                    break
            return losses

    def _watched(self, function: Any, arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        handed: dict[int | str, Any] = dict([*enumerate(arguments), *named.items()])
        before = {place: _copy(argument) for place, argument in handed.items()}
        state = _random_state()
        stdout, sys.stdout = sys.stdout, StringIO()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value = function(*arguments, **named)
            printed = sys.stdout.getvalue()[:STDOUT_LIMIT]
        finally:
            sys.stdout = stdout
        seen = {
            "warnings": [f"{item.category.__name__}: {item.message}"[:MESSAGE_LIMIT] for item in caught[:100]],
            "modified": [place for place, new in handed.items() if not _same(before[place], new)],
            "stdout": printed,
            "random": _random_state() != state,
        }
        return {"value": self._described(value), "seen": seen}

    def _described(self, value: Any) -> Any:
        """An answer as data. Who returns nothing and has drawn by pyplot answers with what is open there."""
        try:
            return describe(figure.shown() if value is None else value, self.handles)
        finally:
            figure.close_all()

    def _inside(self, name: str, source: str) -> Any:
        if source not in self.insides:
            namespace: dict[str, Any] = {"__name__": "inside"}
            exec(compile(source, "<check>", "exec"), namespace)
            self.insides[source] = namespace[name]
        return self.insides[source]

    def do_network(self, request: dict[str, Any]) -> dict[str, Any]:
        net = self.handles[request["number"]]
        operation: Callable[[Any, dict[str, Any]], Any] = getattr(self, f"net_{request['op']}")
        return {"value": describe(operation(net, request), self.handles)}

    def net_dismantle(self, net: Any, _: dict[str, Any]) -> Any:
        return dismantle(net)

    def net_weights(self, net: Any, _: dict[str, Any]) -> Any:
        return tensors_of(net)

    def net_mode(self, net: Any, request: dict[str, Any]) -> Any:
        net.train(request["training"])

    def net_load(self, net: Any, request: dict[str, Any]) -> Any:
        import torch

        _fill(net, {name: torch.from_numpy(np.asarray(values)) for name, values in request["weights"].items()})

    def net_save(self, net: Any, _: dict[str, Any]) -> bytes:
        return packed(tensors_of(net))

    def net_restore(self, net: Any, request: dict[str, Any]) -> Any:
        _fill(net, unpacked(request["weights"]))

    def net_forward(self, net: Any, request: dict[str, Any]) -> Any:
        """Outputs for `inputs` in batches of `batch` rows (0: all at once), without gradients."""
        import torch

        x, batch = rebuild(request["inputs"], self), request["batch"]
        net, x = _made_ready(request, [net, torch.from_numpy(x) if isinstance(x, np.ndarray) else x])
        with torch.no_grad():
            if not batch:
                return net(x)
            return torch.cat([net(x[start : start + batch]).float().cpu() for start in range(0, len(x), batch)])

    def net_shapes(self, net: Any, request: dict[str, Any]) -> Any:
        """(path, type, output shape) of every module that ran, in the order in which they finished."""
        import torch

        x = rebuild(request["inputs"], self)
        shapes: list[Any] = []

        def note(path: str, layer: Any, _: Any, out: Any) -> None:
            shapes.append((path, type(layer).__name__, tuple(getattr(out, "shape", ()))))

        hooks = [module.register_forward_hook(partial(note, path)) for path, module in modules_of(net)]
        try:
            with torch.no_grad():
                net(torch.from_numpy(x) if isinstance(x, np.ndarray) else x)
        finally:
            for hook in hooks:
                hook.remove()
        return shapes

    def _fault(self, fault: BaseException) -> dict[str, Any]:
        text = _said_by(fault)
        own = [
            (frame.f_code.co_qualname, line)
            for frame, line in traceback.walk_tb(fault.__traceback__)
            if frame.f_code.co_filename == str(self.path)
        ]
        if isinstance(fault, NotImplementedError) and (NOT_WRITTEN in text or not text):
            return {"unwritten": own[-1][0] if len(own) > 1 else ""}  # what the called function has called in its turn
        where = [self.path.name, own[-1][1]] if own else []
        if isinstance(fault, SyntaxError) and fault.filename == str(self.path):
            text, where = fault.msg, [self.path.name, fault.lineno or 0]
        return {"raised": type(fault).__name__, "message": text, "where": where}


def serve(channel: Channel) -> None:
    """Answer requests until the other side hangs up."""
    responder = StudentResponder()
    responder.tell = seldom(lambda told: channel.send({"told": told}))
    own = os.getpid()
    while True:
        try:
            request = channel.receive()
        except EOFError:
            return
        reply = responder.answer(request)
        del request
        if os.getpid() != own:
            return  # a child that student code forked came back here: one answer to a question is enough
        try:
            channel.send(reply)
        except NotSerializable as fault:
            channel.send(fault.reply)
        except MemoryError:
            channel.send(NO_MEMORY)


def _made_ready(request: dict[str, Any], values: list[Any]) -> list[Any]:
    """Set threads, device and seeds as the request asks; the values, carried to that device."""
    if "threads" in request and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(request["threads"])
    if "device" in request:
        settle(*request["device"])
        values = [carried(value, request["device"][0]) for value in values]
    seed_everything(request.get("seed", 0))
    return values


def _fill(net: Any, weights: dict[str, Any]) -> None:
    """Copy these tensors into the network's own, by their names."""
    import torch

    own = tensors_of(net)
    with torch.no_grad():
        for name, values in weights.items():
            own[name].copy_(values)


def _numbers(told: Any) -> Iterator[float]:
    """The numbers of what a training function returns or yields: of lists, arrays, tensors and iterators, in order."""
    if hasattr(told, "detach"):
        told = told.detach().flatten()[:LOSSES_KEPT].cpu()
    if isinstance(told, np.ndarray):
        told = told.ravel()[:LOSSES_KEPT]
    if hasattr(told, "tolist"):
        told = told.tolist()
    if isinstance(told, int | float):
        with contextlib.suppress(OverflowError):
            yield float(told)
    elif isinstance(told, Iterable) and not isinstance(told, str | bytes | dict) and not _is_network(told):
        for item in told:
            yield from _numbers(item)


def _said_by(fault: BaseException) -> str:
    """The exception's own text, cut, without what cannot be written; "" if it has none to give."""
    try:
        return str(fault)[:MESSAGE_LIMIT].encode(errors="replace").decode()
    except Exception:
        return ""


def _is_network(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def import_file(path: Path) -> ModuleType:
    """The module at `path`, imported under the file's name."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def seed_everything(seed: int = 0) -> None:
    """Code that forgets to seed gives the same result at every regrade, whatever ran before it."""
    random.seed(seed)
    np.random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_initialized():  # else torch would note down the whole stack, for when it is
            torch.cuda.manual_seed_all(seed)


def _random_state() -> Any:
    torch = sys.modules.get("torch")
    return (
        random.getstate(),
        [str(part) if not isinstance(part, np.ndarray) else part.tobytes() for part in np.random.get_state()],
        torch.random.get_rng_state().numpy().tobytes() if torch is not None else b"",
    )


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list | tuple):
        return [_copy(item) for item in value]
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value.detach().clone() if hasattr(value, "detach") else value


def _same(old: Any, new: Any) -> bool:
    """Whether an argument still is what `_copy` kept of it; NaN is the same as NaN."""
    if isinstance(new, list | tuple):
        return isinstance(old, list) and len(old) == len(new) and all(map(_same, old, new))
    if isinstance(new, dict):
        return isinstance(old, dict) and list(old) == list(new) and all(_same(old[key], new[key]) for key in new)
    if hasattr(new, "detach") and hasattr(old, "detach"):
        now = new.detach()
        return old.shape == now.shape and bool(((old == now) | ((old != old) & (now != now))).all())
    if isinstance(new, np.ndarray) and isinstance(old, np.ndarray):
        return old.dtype == new.dtype and np.array_equal(old, new, equal_nan=new.dtype.kind in "fc")
    if isinstance(new, bool | int | float | complex | str | bytes):
        return type(old) is type(new) and bool(old == new or old != old)
    return type(old) is type(new)
