"""A server of the test's own, from which data sets are fetched, and how it behaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Mirror:
    """A server's files and how it behaves; `asked` keeps each request's path and Range header."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    resumes: bool = True
    cuts: list[int] = field(default_factory=list)  # for each answer in turn: break off after so many bytes
    asked: list[tuple[str, str]] = field(default_factory=list)
    finished: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving() -> Iterator[Mirror]:
    """The mirror, while it answers."""
    here = Mirror()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name, span = self.path.lstrip("/"), self.headers.get("Range", "")
            here.asked.append((name, span))
            if name.startswith("moved/"):
                self.send_response(302)
                self.send_header("Location", f"{here.url}/{name.removeprefix('moved/')}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if name.startswith("silent/"):
                here.finished.wait()
                return
            if name.startswith("empty/"):
                self.send_response(204)
                self.end_headers()
                return
            if name not in here.files:
                self.send_error(404)
                return
            data, start = here.files[name], int(span[len("bytes=") : -1]) if span and here.resumes else 0
            if start and start >= len(data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            end = start + here.cuts.pop(0) if here.cuts else len(data)
            self.wfile.write(data[start:end])

        def send_response(self, code: int, message: str | None = None) -> None:
            """One answer a connection, and the client is told so."""
            super().send_response(code, message)
            self.send_header("Connection", "close")

        def log_message(self, *_: object) -> None:
            """Tests speak for themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds between looks at the end
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}"
    yield here
    here.finished.set()
    server.shutdown()
    server.server_close()
    thread.join()


def part_of(target: Path, contents: bytes) -> Path:
    """What a stopped download leaves behind."""
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(contents)
    return part
