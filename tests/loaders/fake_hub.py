"""A Hub on this machine: lists repositories and serves their files, in parts, and cut off on demand."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

Files = dict[str, bytes]


def _lfs(path: str, content: bytes) -> dict[str, Any] | None:
    """What the listing tells of a large file; here archives are."""
    if not path.endswith((".zip", ".gz")):
        return None
    oid = hashlib.sha256(content).hexdigest()
    return {"oid": oid, "size": len(content), "pointerSize": 130}


class Hub:
    """Repositories, each a commit -> its files, and what was asked of them.

    Attributes:
        url: Address.
        repositories: "datasets/ID" or "models/ID" -> commit -> path -> content; the last
            commit is the head of main.
        cuts: Path -> after how many bytes the connection breaks, once.
        stalls: Path -> after how many bytes nothing more comes.
        gone: Paths that are listed and not served.
        asked: (method, path, Range) of every request for a file.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, Files]] = {}
        self.sizes: dict[str, int] = {}  # listed in place of the true ones
        self.cuts: dict[str, int] = {}
        self.stalls: dict[str, int] = {}
        self.over = threading.Event()
        self.gone: set[str] = set()
        self.asked: list[tuple[str, str, str]] = []
        self.url = ""

    def put(self, repository: str, files: Files) -> str:
        """Add a commit to a repository, and return its name."""
        content = json.dumps([repository, *((k, v.hex()) for k, v in sorted(files.items()))])
        commit = hashlib.sha1(content.encode()).hexdigest()
        self.repositories.setdefault(repository, {})[commit] = files
        return commit

    def fetched(self) -> list[str]:
        """Paths of which content was asked for."""
        return sorted({path for method, path, _ in self.asked if method == "GET"})


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Run the Hub on a free port of the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            path = unquote(urlsplit(self.path).path)
            api = re.fullmatch(r"/api/((?:datasets|models)/[^/]+/[^/]+)/(revision|tree)/(.+)", path)
            file = re.fullmatch(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
            if api:
                self.list(*api.groups())
            elif file:
                repository = f"{'datasets' if file[1] else 'models'}/{file[2]}"
                self.file(repository, file[3], file[4])
            else:
                self.fail("RepoNotFound")

        def commit(self, repository: str, revision: str) -> str | None:
            commits = hub.repositories.get(repository, {})
            return (
                list(commits)[-1]
                if revision == "main" and commits
                else (revision if revision in commits else None)
            )

        def list(self, repository: str, what: str, revision: str) -> None:
            commit = self.commit(repository, revision)
            if commit is None:
                self.fail("RevisionNotFound" if repository in hub.repositories else "RepoNotFound")
                return
            files = hub.repositories[repository][commit]
            if what == "revision":
                name = repository.partition("/")[2]
                self.send(
                    {"id": name, "sha": commit, "siblings": [{"rfilename": x} for x in files]}
                )
                return
            self.send(
                [
                    {
                        "type": "file",
                        "path": path,
                        "size": hub.sizes.get(path, len(content)),
                        "oid": hashlib.sha1(content).hexdigest(),
                        "lfs": _lfs(path, content),
                    }
                    for path, content in files.items()
                ]
            )

        def file(self, repository: str, revision: str, path: str) -> None:
            commit = self.commit(repository, revision)
            hub.asked.append((self.command, path, self.headers.get("Range", "")))
            if (
                commit is None
                or path in hub.gone
                or path not in hub.repositories[repository][commit]
            ):
                self.fail("EntryNotFound")
                return
            content = hub.repositories[repository][commit][path]
            match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(match[1]) if match else 0
            self.send_response(206 if match else 200)
            self.send_header("X-Repo-Commit", commit)
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content) - start))
            if match:
                end = len(content) - 1
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
            self.end_headers()
            if self.command == "GET":
                cut = hub.cuts.pop(path, None)
                stall = hub.stalls.pop(path, None)
                self.wfile.write(content[start : stall or cut])
                if stall:
                    self.wfile.flush()
                    hub.over.wait(60)
                if cut is not None:
                    self.wfile.flush()
                    self.connection.shutdown(2)
                    self.close_connection = True

        def send(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def fail(self, code: str) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler
