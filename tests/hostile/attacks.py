"""What a hostile hand-in tries, one function each: true if it got what it wanted, false or an exception if it did not.

Each is self-contained, for its source is what is handed in. Its parameters are names of things in the scene.
"""

from __future__ import annotations

# -- reading ---------------------------------------------------------------------------------------------------------


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


# -- breaking --------------------------------------------------------------------------------------------------------


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


# -- escaping --------------------------------------------------------------------------------------------------------


def connects_by_tcp(port):
    import socket

    with socket.create_connection(("127.0.0.1", port), 5):
        return True


def sends_by_udp(port):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        return udp.sendto(b"hello", ("127.0.0.1", port)) == 5


def asks_for_credentials_of_the_machine():
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return True  # 169.254.169.254 would be a sendto away


def connects_to_an_abstract_name(abstract):
    import socket

    with socket.socket(socket.AF_UNIX) as unix:
        unix.connect("\0" + abstract)
        return True


def connects_to_a_path(unix_path):
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
        unix.connect(unix_path)
        return True


def sends_from_a_pair_to_an_abstract_name(abstract):
    import socket

    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, two:
        return one.sendto(b"hello", f"\0{abstract}-datagrams") == 5


def sends_from_a_pair_to_a_path(unix_path):
    import socket

    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, two:
        return one.sendto(b"hello", unix_path) == 5


def takes_a_name(abstract):
    import socket

    one, two = socket.socketpair()
    with one, two:
        one.bind(f"\0{abstract}-of-others")
        return True


def talks_to_the_kernel():
    import socket

    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0):
        return True


def mounts(own_folder):
    import ctypes
    import os
    import tempfile

    libc = ctypes.CDLL(None)
    libc.unshare(
        0x00020000 | (0 if os.geteuid() == 0 else 0x10000000)
    )  # a mount namespace, so that it is nobody else's
    return libc.mount(b"none", os.fsencode(own_folder or tempfile.gettempdir()), b"tmpfs", 0, None) == 0


def unshares():
    import ctypes

    return ctypes.CDLL(None).unshare(0x10000000) == 0  # CLONE_NEWUSER


def clones_a_namespace():
    import ctypes

    class Wish(ctypes.Structure):
        _fields_ = (("flags", ctypes.c_uint64), ("rest", ctypes.c_uint64 * 10))

    import os

    libc = ctypes.CDLL(None)
    wish = Wish(0x10000000)
    wish.rest[3] = 17  # SIGCHLD
    child = libc.syscall(435, ctypes.byref(wish), ctypes.sizeof(wish))  # clone3
    if child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
    return child > 0


def changes_the_root(own_folder):
    import os
    import tempfile

    os.chroot(own_folder or tempfile.gettempdir())
    return True


def joins_a_namespace():
    import ctypes
    import os

    return ctypes.CDLL(None).setns(os.open("/proc/self/ns/uts", os.O_RDONLY), 0) == 0


def opens_the_keyring():
    import ctypes
    import platform

    keyctl = 250 if platform.machine() == "x86_64" else 219
    return ctypes.CDLL(None).syscall(keyctl, 0, -3, 1, 0, 0) > 0  # KEYCTL_GET_KEYRING_ID of the session


def shares_memory_by_key():
    import ctypes

    libc = ctypes.CDLL(None)
    shared = libc.shmget(0, 4096, 0o1600)
    if shared >= 0:
        libc.shmctl(shared, 0, None)  # IPC_RMID
    return shared >= 0


def makes_addresses_foreseeable():
    import ctypes

    return ctypes.CDLL(None).personality(0x0040000) >= 0  # ADDR_NO_RANDOMIZE


def gets_rights_back():
    import os

    os.setuid(0)
    return os.stat("/").st_uid == 0 and bool(os.setgroups([0]) or True)


# -- outgrowing ------------------------------------------------------------------------------------------------------


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

    return resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


def takes_its_limits_back():
    import resource

    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return True
