"""Become another user, or live where namespaces are denied, and then run a command: what CI plays as root.

    python -m tests.hostile.become USER [--without-namespaces or --without-isolation] -- COMMAND...

Other users find the interpreter, its libraries and the repository at their own paths, even below folders that are
closed to them: in a mount namespace of its own the command sees those folders with nothing else in them.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from grader.sandbox import kernel, seccomp

ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = {name: seccomp.REFUSED[name] for name in ("unshare", "setns", "mount", "umount2", "pivot_root")}
LANDLOCK = {f"landlock_{number}": (number, number) for number in (444, 445, 446)}
DENIED = {"--without-namespaces": NAMESPACES, "--without-isolation": NAMESPACES | LANDLOCK}  # level 2; no level


def needed() -> list[Path]:
    """Interpreter, libraries and the repository."""
    paths = [Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("purelib")), ROOT]
    return sorted({path.resolve() for path in paths})


def closed_above(path: Path) -> Path | None:
    """The outermost folder on the way to `path` that other users cannot pass."""
    return next((one for one in reversed(path.parents) if not one.stat().st_mode & 0o001), None)


def open_to_all() -> None:
    """In a mount namespace of our own: an empty folder over each closed one, and in it what is needed from there."""
    hidden = [(path, above) for path in needed() if (above := closed_above(path)) is not None]
    if not hidden:
        return
    kernel.unshare(kernel.CLONE_NEWNS)
    sources = [os.open(path, os.O_PATH) for path, _ in hidden]
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    for above in sorted({above for _, above in hidden}):
        kernel.mount("open", str(above), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755")
    for (path, _), source in zip(hidden, sources, strict=True):
        path.mkdir(parents=True, exist_ok=True)
        kernel.mount(f"/proc/self/fd/{source}", str(path), None, kernel.MS_BIND | kernel.MS_REC)
        os.close(source)


def deny(calls: dict[str, tuple[int | None, int | None]]) -> None:
    """From now on no process below this one gets these calls, nor a clone with namespaces."""
    seccomp.REFUSED = calls
    seccomp.install(alone=False)


def main(user: int, words: list[str]) -> None:
    command = words[words.index("--") + 1 :]
    if user != os.geteuid():
        open_to_all()
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if words[0] in DENIED:
        deny(DENIED[words[0]])
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
