"""Attacks that read what is not theirs: files, and what other processes hold."""

from __future__ import annotations


def reads_a_file(secret_file):
    return "secret" in open(secret_file).read()


def climbs_to_a_file(secret_file):
    return "secret" in open("../" * 40 + secret_file[1:]).read()


def links_to_a_file(secret_file, own_folder):
    import os
    import tempfile

    link = os.path.join(own_folder or tempfile.gettempdir(), "soft")
    os.symlink(secret_file, link)
    return "secret" in open(link).read()


def makes_a_file_its_own(secret_file, own_folder):
    import os
    import tempfile

    link = os.path.join(own_folder or tempfile.gettempdir(), "hard")
    os.link(secret_file, link)
    return "secret" in open(link).read()


def lists_a_folder(secret_file):
    import os

    return os.path.basename(secret_file) in os.listdir(os.path.dirname(secret_file))


def lets_a_program_read(secret_file):
    import subprocess

    return b"secret" in subprocess.run(["/bin/cat", secret_file], capture_output=True, check=False).stdout


def reads_an_environment(victim):
    return b"a-secret-of-the-victim" in open(f"/proc/{victim}/environ", "rb").read()


def reads_a_command_line(victim):
    return b"secret" in open(f"/proc/{victim}/cmdline", "rb").read()


def reads_memory_as_a_file(victim, address):
    with open(f"/proc/{victim}/mem", "rb") as memory:
        memory.seek(address)
        return b"secret" in memory.read(18)


def reads_memory_by_a_call(victim, address):
    import ctypes

    class Piece(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(18)
    here, there = Piece(ctypes.addressof(buffer), 18), Piece(address, 18)
    libc = ctypes.CDLL(None)
    got = libc.process_vm_readv(victim, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return got == 18 and b"secret" in buffer.raw


def traces_a_process(victim):
    import ctypes
    import os

    libc = ctypes.CDLL(None)
    libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    if libc.ptrace(16, victim, None, None):  # PTRACE_ATTACH
        return False
    os.waitpid(victim, 0x40000000)  # __WALL
    libc.ptrace(17, victim, None, None)  # PTRACE_DETACH
    return True


def takes_a_descriptor(victim):
    import ctypes
    import os

    handle = os.pidfd_open(victim)
    libc = ctypes.CDLL(None)
    return libc.syscall(438, handle, 0, 0) >= 0  # pidfd_getfd: its standard input
