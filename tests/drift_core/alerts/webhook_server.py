"""A webhook on this machine that answers as it is told to, and keeps what it was sent."""

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Told(BaseHTTPRequestHandler):
    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append((self.path, dict(self.headers), json.loads(content)))
        status, headers = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"<html>whatever</html>")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering(*answers):
    """Serve; each answer is a status with headers, the last one for all that follow."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Told)
    server.sent, server.answers = [], list(answers) or [(200, {})]
    server.url = f"http://127.0.0.1:{server.server_port}/services/T0/s3cret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def saying(what):
    """Accept a connection and say these bytes; None says nothing at all. Gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def serve():
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                kept.append(connection)
                if what is not None:
                    connection.sendall(what)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/services/T0/s3cret"
        for connection in kept:
            connection.close()


def closed():
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}/services/T0/s3cret"
