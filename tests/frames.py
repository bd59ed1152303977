"""Both ends of one connection, what crosses it or is forged there, and whether that is what was sent."""

from __future__ import annotations

import math
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from grader.sandbox.wire import Channel, Marked

# Source for a hand-in that answers in the worker's place, in the grader's own words.
SAYING = '''
import os, struct
import msgpack

def say(tree, *tails):
    """Speak before the worker does, to whoever listens."""
    raw = msgpack.packb([tree, [[len(tail), False] for tail in tails], 0])
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, struct.pack(">I", len(raw)) + raw + b"".join(tails))
        except OSError:
            pass

def reply(tree, *tails):
    say(tree, *tails)
    os._exit(0)
'''


def alike(one: Any, other: Any) -> bool:
    """Equal values of exactly the same types; NaN equals NaN, and minus zero is not zero."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack(">d", one) == struct.pack(">d", other) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, complex):
        return alike(one.real, other.real) and alike(one.imag, other.imag)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return alike(list(one.items()), list(other.items()))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, Marked):
        return one.tag == other.tag and alike(one.payload, other.payload)
    return bool(one == other)


def there_and_back(value: Any, *, passes_files: bool = True) -> Any:
    """`value` sent by one thread and received by this one."""
    here, there = (Channel(end, passes_files=passes_files) for end in socket.socketpair())
    with ThreadPoolExecutor(1) as pool:
        try:
            sending = pool.submit(here.send, value)
            found = there.receive()
            sending.result()
            return found
        finally:
            here.close()
            there.close()
