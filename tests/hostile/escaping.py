"""Attacks that reach out, or get out: sockets, namespaces, rights, and what the kernel keeps."""

from __future__ import annotations


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
