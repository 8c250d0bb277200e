"""The other system, for tests: a server on this machine that keeps what it is sent and answers as it is told."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from webhooks import client

#: The client as it is, but for the one thing that a test on one machine needs: the loopback address is let through.
to_loopback = partial(client.post, allowed=lambda address: address.is_loopback)

#: Of hooks.example.com, with its key, signed by itself: good for nothing but these tests.
CERTIFICATE = Path(__file__).with_name("hooks.example.com.pem")


class Receiver:
    """Answers with `status`; `seen` and `paths` tell what each request brought."""

    def __init__(self, *, secured: bool = False) -> None:
        self.status = 204
        self.location = ""
        self.paths: list[str] = []
        self.seen: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.seen.append((dict(self.headers), body))
                receiver.paths.append(self.path)
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                receiver.seen.append(({"followed": self.path}, b""))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if secured:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?from=standing"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def raw_server(talk: Callable[[socket.socket], None]) -> str:
    """A server that reads one request's head and then says whatever `talk` says; its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listening.accept()
        with listening, connection:
            connection.recv(65536)
            with suppress(OSError):  # hung up on: what the tests are after
                talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"
