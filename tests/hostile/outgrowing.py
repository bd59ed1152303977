"""Attacks that take more than they are given: processes, memory, descriptors, and places in the kernel."""

from __future__ import annotations


def forks(count):
    import os
    import time

    children = []
    try:
        for _ in range(count):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
        return True
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)


def starts_threads(count):
    import threading

    hold = threading.Event()
    threads = []
    threading.stack_size(64 << 10)
    try:
        for _ in range(count):
            threads.append(threading.Thread(target=hold.wait))
            threads[-1].start()
        return True
    finally:
        hold.set()


def takes_memory(mebibytes):
    return len(bytearray(mebibytes << 20)) > 0


def takes_memory_as_a_stack(mebibytes):
    import ctypes

    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
    start = libc.mmap(None, mebibytes << 20, 3, 0x122, -1, 0)  # MAP_PRIVATE, MAP_ANONYMOUS, MAP_GROWSDOWN
    if start == ctypes.c_void_p(-1).value:
        return False
    ctypes.memset(start, 1, mebibytes << 20)
    return True


def takes_memory_that_is_shared(mebibytes):
    import mmap

    memory = mmap.mmap(-1, mebibytes << 20)
    for page in range(0, len(memory), mmap.PAGESIZE):
        memory[page] = 1
    return True


def takes_memory_of_a_device(mebibytes):
    import mmap

    with open("/dev/zero", "r+b", buffering=0) as zero:
        memory = mmap.mmap(zero.fileno(), mebibytes << 20)
    for page in range(0, len(memory), mmap.PAGESIZE):
        memory[page] = 1
    return True


def takes_memory_in_files(mebibytes):
    import os

    files = [os.memfd_create("hoard") for _ in range(4)]
    for descriptor in files:
        for _ in range(mebibytes // 4):
            os.write(descriptor, bytes(1 << 20))
    for descriptor in files:
        os.close(descriptor)
    return True


def takes_memory_in_many_processes(mebibytes):
    import os

    told, hold = os.pipe(), os.pipe()
    for _ in range(4):
        if os.fork() == 0:
            os.close(hold[1])
            block = b"x" * (mebibytes << 18)  # written to, or it is a promise alone
            os.write(told[1], b"y")
            os.close(told[1])
            os.read(hold[0], 1)
            os._exit(len(block) > 0)
    os.close(told[1])
    with open(told[0], "rb") as reading:
        taken = reading.read()
    os.close(hold[1])
    ends = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)]
    return taken == b"yyyy" and ends == [1] * 4  # who was killed for it holds nothing


def watches_what_others_open():
    import ctypes

    return ctypes.CDLL(None).inotify_init1(0) >= 0


def queues_in_the_kernel():
    import ctypes
    import platform

    libc, queue = ctypes.CDLL(None), ctypes.c_ulong(0)
    number = 206 if platform.machine() == "x86_64" else 0  # io_setup
    return libc.syscall(number, 64, ctypes.byref(queue)) == 0


def queues_signals(count):
    import ctypes
    import platform

    libc, timer = ctypes.CDLL(None), ctypes.c_int(0)
    number = 222 if platform.machine() == "x86_64" else 107  # timer_create: each keeps a place in the queue
    return all(libc.syscall(number, 1, None, ctypes.byref(timer)) == 0 for _ in range(count))


def leaves_descriptors_in_flight(count):
    import os
    import socket

    one, two = socket.socketpair()
    null = os.open("/dev/null", os.O_RDONLY)
    with one, two:
        for _ in range(count // 100):
            socket.send_fds(one, [b"x"], [null] * 100)
        return True


def opens_files(count):
    import os

    found = []
    try:
        for _ in range(count):
            found.append(os.open("/dev/null", os.O_RDONLY))
        return True
    finally:
        for descriptor in found:
            os.close(descriptor)


def writes_one_large_file(mebibytes, own_folder):
    import os
    import tempfile

    with open(os.path.join(own_folder or tempfile.gettempdir(), "large"), "wb") as file:
        for _ in range(mebibytes):
            file.write(bytes(1 << 20))
    return True


def dumps_its_core():
    import resource

    # a limit of 0 keeps files away, and of 1 also the program that core_pattern may name, which is run as root
    return resource.getrlimit(resource.RLIMIT_CORE)[1] != 1


def takes_its_limits_back():
    import resource

    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return True
