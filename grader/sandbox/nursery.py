"""The warm parent of all workers: imports what students import, once, and forks a shut-in worker in milliseconds.

It is started by exec, holds no secret, never touches CUDA, and stays on one thread: a child forked after a
multi-threaded torch call would hang at its first parallel operation. It speaks over socket pairs, never by name.
Workers that train on a GPU come from a nursery of their own, whose jail holds that card (grader/sandbox/gpu.py).

    link     from the verifier's template: {"channel"} + a descriptor: requests of one submission's verifier
    channel  {"spawn": limits} -> {"worker": n, "home"} + the worker's socket (and, on Linux, its process's);
             {"end": n} -> {"how": what it had died of; "MemoryError" if its control group had no more}
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.sandbox import cgroup, jail, kernel
from grader.sandbox.dataloader import load_in_process
from grader.sandbox.leftovers import remove_tree
from grader.sandbox.limits import MIB, ON_GPU, Limits, set_rlimits, shut_in, tasks_of_user, warmed_data
from grader.sandbox.warm import NO_GPU, find_fonts, ready_to_fork, rehearse, warm, warm_pictures
from grader.sandbox.wire import Channel

NAMESPACES, LANDLOCK, NOTHING = 3, 2, 0
HOME = f"{jail.ROOM}/hand-in"
SPARE = 2  # workers at rest: shut in while nobody asks for anything, handed over when somebody does
SPARE_ON_GPU = 1  # each holds some of the card's memory
AT_ONCE = 300  # names in a worker's folder that are removed in between: tenths of a second at most


@dataclass
class _Worker:
    number: int
    pid: int
    group: str
    home: str
    ends: list[int]  # descriptors for whoever asks for it: its socket and, on Linux, its process

    def give_away(self) -> None:
        """Whoever has asked for it holds its descriptors now; ours would keep its socket open."""
        while self.ends:
            os.close(self.ends.pop())


@dataclass
class Nursery:
    """State of the nursery's loop."""

    link: Channel
    level: int
    room: jail.Jail | None
    groups: cgroup.Groups | None
    has_gpu: bool = False
    held: int = 0
    spawned: int = 0
    removing: list[int] = field(default_factory=list)  # processes that remove what a worker left
    channels: dict[Channel, dict[int, _Worker]] = field(default_factory=dict)
    dying: list[_Worker] = field(default_factory=list)  # killed, and still handing back their memory: nobody waits
    spare: list[_Worker] = field(default_factory=list)  # shut in and at rest, for whoever asks next

    def run(self) -> None:
        """Serve until the link closes; then every worker ends with us."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.link, selectors.EVENT_READ, self.link)
            while True:
                for key, _ in self._asking(selector):
                    if key.data is self.link:
                        if not self._new_channel(selector):
                            self._end_all()
                            return
                    elif not self._serve(key.data):
                        selector.unregister(key.data)
                        self._hang_up(key.data)

    def _asking(self, selector: selectors.BaseSelector) -> list[tuple[selectors.SelectorKey, int]]:
        """Who asks us for something; as long as nobody does, workers are shut in to be at rest."""
        while len(self.spare) < self._wanted_at_rest():
            if asking := selector.select(0):
                return asking
            try:
                self.spare.append(self._made(self._usual, at_rest=True))
            except OSError:  # no room for one more process: whoever asks next is told
                break
        return selector.select()

    def _end_all(self) -> None:
        for channel in list(self.channels):
            self._hang_up(channel)
        for worker in self.spare:
            self._end(worker)
        self._reap(0)

    @property
    def _usual(self) -> Limits:
        """The limits of workers at rest."""
        return ON_GPU if self.has_gpu else Limits()

    def _wanted_at_rest(self) -> int:
        return min(SPARE_ON_GPU if self.has_gpu else SPARE, len(self.channels))

    def try_one(self) -> None:
        """Shut one worker in for nobody: a level that workers cannot reach must not be promised.

        OSError says why it cannot; EOFError: it has died without a word.
        """
        here, there = map(Channel, socket.socketpair())
        self.channels[there] = {}
        self._spawn(there, Limits())
        _, (worker, *ends) = here.receive_with_descriptors()
        with contextlib.closing(Channel(socket.socket(fileno=worker))) as asked:
            greeting = asked.receive()
        for descriptor in ends:
            os.close(descriptor)
        self._hang_up(there)
        self._reap(0)
        here.close()
        if "failed" in greeting:
            raise OSError(f"a worker cannot be shut in ({greeting['failed']})")

    def _new_channel(self, selector: selectors.BaseSelector) -> bool:
        try:
            _, descriptors = self.link.receive_with_descriptors()
        except EOFError:
            return False
        channel = Channel(socket.socket(fileno=descriptors[0]))
        self.channels[channel] = {}
        selector.register(channel, selectors.EVENT_READ, channel)
        return True

    def _serve(self, channel: Channel) -> bool:
        try:
            request = channel.receive()
            self._reap(os.WNOHANG)
            if "spawn" in request:
                self._spawn(channel, Limits(**request["spawn"]))
            else:
                channel.send({"how": self._end(self.channels[channel].pop(request["end"]))})
        except (EOFError, OSError):
            return False
        return True

    def _hang_up(self, channel: Channel) -> None:
        for worker in self.channels.pop(channel).values():
            self._end(worker)
        channel.close()

    def _end(self, worker: _Worker) -> str:
        """Kill a worker and everything in its namespace, and say how it had ended."""
        worker.give_away()
        pid, status = os.waitpid(worker.pid, os.WNOHANG)
        if not pid:
            os.kill(worker.pid, signal.SIGKILL)  # from here on it runs no instruction of its own
            self.dying.append(worker)
            if self.room is None:  # its folder lies on the machine's own disk, and goes with it
                self._reap(0)
            return "killed by us"
        code = os.waitstatus_to_exitcode(status)
        how = f"exit status {code}" if code >= 0 else signal.Signals(-code).name
        if how == "SIGKILL" and self.groups is not None and self.groups.overran(worker.group):
            how = "MemoryError"
        self._take_back(worker)
        return how

    def _reap(self, options: int) -> None:
        """Take back what killed workers held, of those that have ended; options 0: of all, waiting for them."""
        for worker in list(self.dying):
            if os.waitpid(worker.pid, options) != (0, 0):
                self.dying.remove(worker)
                self._take_back(worker)

    def _take_back(self, worker: _Worker) -> None:
        if self.groups is not None:
            self.groups.remove(worker.group)
        if worker.home != HOME and not remove_tree(worker.home, AT_ONCE):
            self._remove_aside(worker.home)

    def _remove_aside(self, home: str) -> None:
        """Remove very many files in a process of their own: nobody else waits for them but our end."""
        self.removing = [pid for pid in self.removing if os.waitpid(pid, os.WNOHANG) == (0, 0)]
        self.removing.append(os.fork())
        if not self.removing[-1]:
            try:
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
                _close_all_but(set())
                remove_tree(home)
            finally:
                os._exit(0)

    def _spawn(self, channel: Channel, limits: Limits) -> None:
        """Hand a worker over: one at rest, if its limits are those that are asked for."""
        worker = (self._at_rest() if limits == self._usual else None) or self._made(limits)
        self.channels[channel][worker.number] = worker
        channel.send({"worker": worker.number, "home": worker.home}, tuple(worker.ends))
        worker.give_away()

    def _at_rest(self) -> _Worker | None:
        while self.spare:
            worker = self.spare.pop(0)
            if os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return worker
            self._end(worker)  # somebody has killed it
        return None

    def _made(self, limits: Limits, *, at_rest: bool = False) -> _Worker:
        self.spawned += 1
        group = f"worker-{self.spawned}"
        home = HOME if self.room is not None else tempfile.mkdtemp(prefix="hand-in-")
        if self.groups is not None:
            self.groups.create(group, limits.memory * MIB + 256 * MIB, limits.processes)
        if self.room is not None:
            jail.next_child_alone(self.room)
        try:
            here, there = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                self._become_worker(there, group, home, limits, at_rest)
        finally:  # whether or not there was room for one more process
            if self.room is not None:
                jail.back_home(self.room)
        there.close()
        process = [os.pidfd_open(pid)] if hasattr(os, "pidfd_open") else []
        return _Worker(self.spawned, pid, group, home, [here.detach(), *process])

    def _become_worker(self, sock: socket.socket, group: str, home: str, limits: Limits, at_rest: bool) -> None:
        try:
            os.setsid()  # where no group shares the processor out, Linux may do so by sessions: sched(7), autogroup
            if self.groups is not None:
                self.groups.enter(group)
            kept = {sock.fileno()} | ({self.room.pid_namespace, self.room.proc} if self.room is not None else set())
            _close_all_but(kept)
            silence()
            if self.level == NOTHING:
                set_rlimits(limits, self.held, tasks_of_user())
                kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            else:
                counted = self.groups is not None and self.groups.counts_memory
                shut_in(limits, self.held, self.spawned, self.room, home, counted=counted)
            os.environ["TMPDIR"] = tempfile.tempdir = jail.ROOM if self.room is not None else home
            if self.has_gpu:
                show_gpu()
                if at_rest:
                    start_driver()
            _forget(self)
        except BaseException as fault:
            Channel(sock).send({"failed": f"{type(fault).__name__}: {fault}"})
            os._exit(70)  # EX_SOFTWARE
        try:
            Channel(sock).send({"ready": True})  # from here on, what goes wrong is the student's
            from grader.sandbox.worker import serve

            serve(Channel(sock, passes_files=False))
        finally:
            os._exit(0)


def show_gpu() -> None:
    """From here on this process finds the card that its jail holds; its sums have an order that is always the same."""
    for name in NO_GPU:
        os.environ.pop(name, None)
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"


def start_driver() -> None:
    """Compute a gradient on the card: half a second that a worker at rest has spent before anybody asks.

    Whoever computes there next hears what is wrong with the card.
    """
    import torch

    with contextlib.suppress(Exception):
        images = torch.zeros(8, 3, 16, 16, device="cuda")
        filters = torch.zeros(4, 3, 3, 3, device="cuda", requires_grad=True)
        torch.nn.functional.conv2d(images, filters).mean().backward()  # type: ignore[no-untyped-call]


def silence() -> None:
    """Standard streams lead nowhere: what student code prints is asked for by `watch`, and floods nobody."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    if null > 2:
        os.close(null)


def _close_all_but(kept: set[int]) -> None:
    edge = 3
    for descriptor in sorted(d for d in kept if d > 2):
        os.closerange(edge, descriptor)
        edge = descriptor + 1
    os.closerange(edge, 1 << 16)


def _forget(nursery: Nursery) -> None:
    nursery.channels.clear()
    sys.argv[:] = sys.orig_argv[:] = [""]


def main(link: int, level: int, name: str, nodes: Sequence[Path] = ()) -> None:
    """The nursery's life: into the jail, warm up, fork on demand. Says {"ready": level} or {"failed": why}.

    `nodes`: those of a GPU, for a nursery whose workers train there.
    """
    channel = Channel(socket.socket(fileno=link))
    try:
        nursery = _warmed(channel, level, name, nodes)
    except BaseException as fault:
        channel.send({"failed": f"{type(fault).__name__}: {fault}"})
        raise SystemExit(1) from fault
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the instructor's: who started us ends us
    try:
        nursery.try_one()
    except OSError as fault:
        channel.send({"failed": str(fault)})
    except EOFError:
        pass  # somebody killed the worker, which is no reason: whoever waits for us hears nothing, and tries once more
    else:
        channel.send({"ready": level})
        nursery.run()
    for pid in nursery.removing:
        os.waitpid(pid, 0)
    if nursery.room is None:
        remove_tree(tempfile.gettempdir())
    os._exit(0)  # taking torch apart object by object would cost a quarter of a second


def _warmed(link: Channel, level: int, name: str, nodes: Sequence[Path]) -> Nursery:
    """A nursery that is shut in at its level and warm, with its one thread."""
    find_fonts()
    os.environ["HOME"] = "/nonexistent"
    groups = None if level == NOTHING else cgroup.open_groups(name)
    if nodes and level != NOTHING and not (groups is not None and groups.counts_memory):
        raise OSError("a GPU's driver takes addresses without end, and no control group may be made for memory")
    room = jail.enter(nodes) if level == NAMESPACES else None
    scratch = jail.ROOM
    if room is None:
        scratch = os.path.join(tempfile.gettempdir(), name)  # called as our owner: `leftovers` may have to sweep it
        os.mkdir(scratch, 0o700)
        os.chmod(scratch, 0o711)  # workers may be users of their own, and their homes lie in it
    os.environ["MPLCONFIGDIR"] = os.environ["TMPDIR"] = tempfile.tempdir = scratch
    warm(gradients=not nodes)
    warm_pictures()
    load_in_process()
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[assignment, misc]  # asyncio's: there is no epoll
    rehearse(gradients=not nodes)
    if threading.active_count() != 1:
        raise RuntimeError("a thread was left behind by the warming")
    ready_to_fork()
    return Nursery(link, level, room, groups, has_gpu=bool(nodes), held=warmed_data(room))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], [Path(node) for node in sys.argv[4:]])
