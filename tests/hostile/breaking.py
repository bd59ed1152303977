"""Attacks that break what is not theirs: files, other processes, and what all workers get."""

from __future__ import annotations


def writes_to_a_file(secret_file):
    with open(secret_file, "a") as file:
        file.write("mine")
    return True


def cuts_a_file(secret_file):
    import os

    os.truncate(secret_file, 0)
    return os.stat(secret_file).st_size == 0


def opens_a_file_to_cut_it(secret_file):
    import os

    os.close(os.open(secret_file, os.O_RDONLY | os.O_TRUNC))
    return os.stat(secret_file).st_size == 0


def moves_a_file(secret_file):
    import os

    os.rename(secret_file, secret_file + ".away")
    return True


def removes_a_file(secret_file):
    import os

    os.unlink(secret_file)
    return True


def leaves_a_file_behind(secret_file):
    import os

    with open(os.path.join(os.path.dirname(secret_file), "conftest.py"), "w") as file:
        file.write("raise SystemExit")
    return True


def locks_a_file(secret_file):
    import os

    os.chmod(secret_file, 0)
    return os.stat(secret_file).st_mode & 0o777 == 0


def backdates_a_file(secret_file):
    import os

    os.utime(secret_file, (0, 0))
    return os.stat(secret_file).st_mtime == 0


def locks_a_library():
    import os

    path = os.__file__
    mode = os.stat(path).st_mode & 0o777
    with open(path) as file:
        os.fchmod(file.fileno(), mode)  # the same mode: it is tried, not done
    return True


def kills_a_process(victim):
    import os

    os.kill(victim, 9)
    return True


def kills_by_a_handle(victim):
    import os
    import signal

    signal.pidfd_send_signal(os.pidfd_open(victim), 9)
    return True


def kills_by_a_descriptor(victim):
    import fcntl
    import os
    import socket

    one, two = socket.socketpair()
    fcntl.fcntl(one, 8, victim)  # F_SETOWN: who is told when there is something to read
    fcntl.fcntl(one, 10, 9)  # F_SETSIG: by which signal
    fcntl.fcntl(one, fcntl.F_SETFL, fcntl.fcntl(one, fcntl.F_GETFL) | os.O_ASYNC)
    two.send(b"x")
    return True


def starves_a_process(victim):
    import resource

    resource.prlimit(victim, resource.RLIMIT_NOFILE, (0, 0))
    return True


def slows_a_process(victim):
    import os

    os.setpriority(os.PRIO_PROCESS, victim, 19)
    return os.getpriority(os.PRIO_PROCESS, victim) == 19


def pins_a_process(victim):
    import os

    os.sched_setaffinity(victim, {min(os.sched_getaffinity(victim))})
    return len(os.sched_getaffinity(victim)) == 1


def stops_everybody():
    import os

    os.kill(-1, 0)  # asks only whether it might
    return True
