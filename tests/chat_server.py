"""A server on the loopback address that answers like one of OpenAI's, and remembers what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

Answer = Callable[[dict[str, Any]], tuple[int, str]]  # body -> HTTP status, reply


class Server(NamedTuple):
    """Where it listens, and the bodies that it was sent."""

    url: str
    bodies: list[dict[str, Any]]

    def text(self, body: dict[str, Any]) -> str:
        """All words of a request."""
        return text_of(body)

    def pictures(self, body: dict[str, Any]) -> int:
        """How many pictures a request holds."""
        return sum(part["type"] == "image_url" for part in _parts(body))


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    content = body["messages"][-1]["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def text_of(body: dict[str, Any]) -> str:
    """All words of the last message of a request."""
    return " ".join(part["text"] for part in _parts(body) if part["type"] == "text")


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """Serve until the block is left."""
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            status, reply = answer(body)
            message = {"role": "assistant", "content": reply}
            data = json.dumps({"choices": [{"index": 0, "message": message}]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}/v1/chat/completions", bodies)
    finally:
        server.shutdown()
        server.server_close()
