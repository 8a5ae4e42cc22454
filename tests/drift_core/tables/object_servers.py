"""A server that answers as S3, Google Cloud Storage, Azure Blob Storage and the Hugging Face hub do, as far as we ask.

Files lie in a folder under PLACE/KEY. It counts the bytes that it sends, and can refuse, stall, or lose a file. It is a
process of its own, for Arrow's reader of Google's waits with Python's lock in its hands.
"""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

WRITTEN = "Mon, 02 Nov 2026 08:00:00 GMT"
STAMP = "2026-11-02T08:00:00.000Z"
COMMIT = "5f" * 20


class Store:
    """What the server holds, how it answers, and what it was asked: all in a folder, which its process reads."""

    def __init__(self, folder, url=""):
        self.folder, self.url = Path(folder), url
        self._answer, self._log = self.folder / "answer.json", self.folder / "asked.txt"

    def put(self, path, content):
        file = self.folder / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def answer(self, **how):
        """Answer from now on with a `status` and its `code`, after `seconds`, or lose all after `reads` of content."""
        self._answer.write_text(json.dumps(how))
        self._log.write_text("")

    @property
    def how(self):
        return json.loads(self._answer.read_text()) if self._answer.is_file() else {}

    def asked(self):
        """Method, address and bytes of each answer."""
        lines = self._log.read_text().splitlines() if self._log.is_file() else []
        return [(method, path, int(n_bytes)) for method, path, n_bytes in map(str.split, lines)]

    def n_bytes(self):
        return sum(n_bytes for _, _, n_bytes in self.asked())

    def told(self, method, path, n_bytes):
        with self._log.open("a") as log:
            log.write(f"{method} {path} {n_bytes}\n")

    def file(self, path):
        file = self.folder / "files" / path
        return file.read_bytes() if file.is_file() else None

    def in_place(self, place):
        root = self.folder / "files" / place
        return {each.relative_to(root).as_posix(): each.read_bytes() for each in root.rglob("*") if each.is_file()}


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Nothing is shown."""

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.do_GET(body)

    def do_GET(self, body=""):
        store, url = self.server.store, urlsplit(self.path)
        path, query = unquote(url.path).lstrip("/"), {name: value[0] for name, value in parse_qs(url.query).items()}
        how = store.how
        time.sleep(how.get("seconds", 0))
        if "status" in how:
            self._error(how["status"], how.get("code", ""))
        elif path.startswith(("storage/v1/b/", "download/storage/v1/b/")):
            self._google(path.partition("/b/")[2], query)
        elif path.startswith(("api/", "datasets/")):
            self._hub(path, query, body)
        elif path.startswith("account/") or "comp" in query or "action" in query:
            self._azure(path.removeprefix("account/").removeprefix("account"), query)
        else:
            self._s3(path, query)

    def _s3(self, path, query):
        if "list-type" not in query:
            self._content(path)
            return
        found, folders = self._listed(path.strip("/"), query.get("prefix", ""), query.get("delimiter"))
        if found is None:
            self._error(404, "NoSuchBucket")
            return
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><LastModified>{STAMP}</LastModified></Contents>"
            for key, content in found.items()
        )
        entries += "".join(f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in folders)
        counted = f"<KeyCount>{len(found) + len(folders)}</KeyCount><IsTruncated>false</IsTruncated>"
        self._text(f"<?xml version='1.0'?><ListBucketResult>{counted}{entries}</ListBucketResult>", "application/xml")

    def _google(self, path, query):
        place, _, rest = path.partition("/o")
        key = rest.lstrip("/")
        if query.get("alt") == "media":
            self._content(f"{place}/{key}")
        elif key:
            content = self.server.store.file(f"{place}/{key}")
            if content is None:
                self._json({"error": {"code": 404, "message": "No such object"}}, status=404)
            else:
                self._json(self._object(place, key, content))
        elif rest == "/" or "/o" in path:
            found, folders = self._listed(place, query.get("prefix", ""), query.get("delimiter"))
            if found is None:
                self._json({"error": {"code": 404, "message": "The specified bucket does not exist."}}, status=404)
            else:
                items = [self._object(place, key, content) for key, content in found.items()]
                self._json({"kind": "storage#objects", "items": items, "prefixes": folders})
        else:
            self._json({"kind": "storage#bucket", "name": place, "id": place})

    def _object(self, place, key, content):
        known = {"kind": "storage#object", "name": key, "bucket": place, "size": str(len(content)), "generation": "1"}
        return known | {"updated": STAMP, "timeCreated": STAMP, "metageneration": "1"}

    def _azure(self, path, query):
        place, _, key = path.strip("/").partition("/")
        if query.get("comp") == "list":
            found, folders = self._listed(place, query.get("prefix", ""), query.get("delimiter"))
            if found is None:
                self._error(404, "ContainerNotFound")
                return
            blobs = "".join(
                f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>{WRITTEN}</Last-Modified><Etag>1</Etag>"
                f"<Content-Length>{len(content)}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>"
                for key, content in found.items()
            )
            blobs += "".join(f"<BlobPrefix><Name>{escape(each)}</Name></BlobPrefix>" for each in folders)
            listed = f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>"
            self._text(f"<?xml version='1.0' encoding='utf-8'?>{listed}", "application/xml")
        elif query.get("action") or query.get("comp") == "properties":
            self._error(400, "OperationNotSupportedOnDirectory")  # as an account without folders of its own
        elif not key:
            self._send(200 if self.server.store.in_place(place) else 404, b"", "text/plain")
        else:
            self._content(f"{place}/{key}")

    def _hub(self, path, query, body):
        _, _, rest = path.removeprefix("api/").partition("/")
        owner, name, *more = (rest if "/" in rest else f"{rest}/").split("/")
        place = f"{owner}/{name}"
        files = self.server.store.in_place(place)
        if not files:
            self._send(404, b"", "text/plain", {"X-Error-Code": "RepoNotFound"})
        elif not path.startswith("api/"):
            self._content(f"{place}/{'/'.join(more[2:])}", {"X-Repo-Commit": COMMIT})
        elif more[1:2] not in ([], ["main"], [COMMIT], ["v1"]):
            self._send(404, b"", "text/plain", {"X-Error-Code": "RevisionNotFound"})
        elif more[:1] == ["paths-info"]:
            wanted = parse_qs(body).get("paths") or json.loads(body)["paths"]
            self._json([entry for key in wanted for entry in self._hub_entries(files, key) if entry["path"] == key])
        elif more[:1] == ["tree"]:
            within = "/".join(more[2:])
            entries = [e for e in self._hub_entries(files, within) if e["path"] != within]
            is_deep = query.get("recursive", "").lower() in ("true", "1")
            begin = f"{within}/" if within else ""
            self._json([e for e in entries if is_deep or "/" not in e["path"].removeprefix(begin)])
        else:
            self._json({"id": place, "sha": COMMIT, "private": False, "siblings": [], "tags": []})

    def _hub_entries(self, files, within):
        begin = f"{within}/" if within else ""
        inside = {key: content for key, content in files.items() if key == within or key.startswith(begin)}
        folders = {key[:at] for key in inside for at, sign in enumerate(key) if sign == "/"}
        return [
            *({"type": "directory", "path": each, "oid": "d", "size": 0} for each in sorted(folders)),
            *({"type": "file", "path": key, "oid": "f", "size": len(content)} for key, content in inside.items()),
        ]

    def _listed(self, place, prefix, delimiter):
        files = self.server.store.in_place(place)
        if not files:
            return None, []
        inside = {key: files[key] for key in sorted(files) if key.startswith(prefix)}
        if delimiter is None:
            return inside, []
        folders = {prefix + rest.partition("/")[0] + "/" for key in inside if "/" in (rest := key[len(prefix) :])}
        return {key: c for key, c in inside.items() if "/" not in key[len(prefix) :]}, sorted(folders)

    def _content(self, path, headers=None):
        store, content = self.server.store, self.server.store.file(path)
        n_reads = sum(n_bytes > 0 for _, _, n_bytes in store.asked())
        if content is None or n_reads >= store.how.get("reads", sys.maxsize):
            self._error(404, "NoSuchKey")
            return
        known = {"ETag": f'"{len(content)}"', "Last-Modified": WRITTEN, "Accept-Ranges": "bytes", **(headers or {})}
        known |= {"x-ms-blob-type": "BlockBlob", "x-ms-creation-time": WRITTEN, "x-goog-generation": "1"}
        known |= {"x-ms-server-encrypted": "true", "x-ms-lease-state": "available", "x-ms-lease-status": "unlocked"}
        wanted = self.headers.get("x-ms-range") or self.headers.get("Range")
        if wanted and self.command == "GET":
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            begin, end = int(first), min(int(last or len(content)), len(content) - 1)
            known["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
            content = content[begin : end + 1]
        if self.command == "GET":
            store.told("GET", self.path, len(content))
        self._send(206 if "Content-Range" in known else 200, content, "application/octet-stream", known)

    def _json(self, value, *, status=200):
        self._text(json.dumps(value), "application/json", status=status)

    def _text(self, text, kind, *, status=200):
        self._send(status, text.encode(), kind)

    def _error(self, status, code):
        told = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code} for key-of-the-server</Message></Error>"
        kind = "text/plain" if self.command == "HEAD" else "application/xml"  # there is no body to be read
        self._send(status, told.encode(), kind, {"x-ms-error-code": code})

    def _send(self, status, content, kind, headers=None):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if status not in (200, 206) or self.command != "GET" or kind != "application/octet-stream":
            self.server.store.told(self.command, self.path, 0)
        if self.command != "HEAD":
            self.wfile.write(content)


def serve(folder):
    """Serve a folder for ever; says the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.store, server.daemon_threads = Store(folder), True
    print(server.server_address[1], flush=True)
    server.serve_forever()


@contextmanager
def object_server(folder):
    """Serve a folder from a process of its own; gives its store."""
    with subprocess.Popen([sys.executable, __file__, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Store(folder, f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.kill()


def environment(store):
    """What points the libraries at the server."""
    return {
        "AWS_ENDPOINT_URL": store.url,
        "AWS_ACCESS_KEY_ID": "AKIAOURTESTKEY",
        "AWS_SECRET_ACCESS_KEY": "our/secret+of-tests",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "STORAGE_EMULATOR_HOST": store.url,
        "AZURE_STORAGE_ACCOUNT": "account",
        "AZURE_STORAGE_KEY": "b3VyIHNlY3JldCBvZiB0ZXN0cw==",
        "AZURE_STORAGE_SERVICE_ENDPOINT": f"{store.url}/account",
        "HF_ENDPOINT": store.url,
    }


if __name__ == "__main__":
    serve(sys.argv[1])
