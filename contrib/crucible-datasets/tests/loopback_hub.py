"""A hub on loopback: it answers what the ``datasets`` library asks the Hugging Face hub for, and nothing else.

Requests (datasets 5.2, huggingface_hub 2.4): the commit of a revision, the listing of a folder, and a file's head and
content; an answer that there is none carries the reason in ``X-Error-Code``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

_COMMIT = re.compile(r"/api/datasets/(?P<name>[^/]+/[^/]+)(/revision/(?P<revision>[^/]+))?")
_TREE = re.compile(r"/api/datasets/(?P<name>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(/(?P<path>.+))?")
_FILE = re.compile(r"/datasets/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass
class Repository:
    """The files of each commit, and the names of commits."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def commit(self, revision: str) -> str | None:
        """Return the commit that a branch, a tag or its own hash names."""
        return self.refs.get(revision, revision if revision in self.commits else None)


class LoopbackHub(ThreadingHTTPServer):
    """A server on a free port of 127.0.0.1 with the data sets that were put there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.repositories: dict[str, Repository] = {}
        self.requests: list[str] = []
        self.refused: set[str] = set()
        self.busy = False

    def put(self, name: str, files: dict[str, bytes | str], tag: str | None = None) -> str:
        """Commit files as the data set's newest version and return the commit."""
        content = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
        commit = _sha1(json.dumps({path: _sha1(data) for path, data in content.items()}).encode())
        repository = self.repositories.setdefault(name, Repository())
        repository.commits[commit] = content
        repository.refs |= {"main": commit} | ({tag: commit} if tag else {})
        return commit

    def fetched(self) -> list[str]:
        """Return the files whose content was asked for, and forget all requests up to now."""
        found = [match["path"] for each in self.requests if (match := _FILE.fullmatch(each.removeprefix("GET ")))]
        self.requests.clear()
        return found


@contextmanager
def serving() -> Iterator[LoopbackHub]:
    """Serve a hub that has nothing yet."""
    with LoopbackHub() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackHub

    def do_GET(self) -> None:
        asked = urlsplit(self.path).path
        self.server.requests.append(f"{self.command} {unquote(asked)}")
        for pattern, answer in ((_FILE, self._file), (_TREE, self._tree), (_COMMIT, self._commit)):
            if found := pattern.fullmatch(asked):
                parts = {key: unquote(value) for key, value in found.groupdict().items() if value}
                return self._in_repository(answer, **parts)
        return self._fail("RepoNotFound")

    do_HEAD = do_GET  # noqa: N815 - http.server looks for this name

    def _in_repository(self, answer: Any, name: str, revision: str = "main", path: str = "") -> None:
        repository = self.server.repositories.get(name)
        if self.server.busy:
            return self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"")
        if repository is None:
            return self._fail("RepoNotFound")
        commit = repository.commit(revision)
        if commit is None:
            return self._fail("RevisionNotFound")
        return answer(commit, repository.commits[commit], path)

    def _commit(self, commit: str, files: dict[str, bytes], _: str) -> None:
        self._send_json({"id": "", "sha": commit, "siblings": [{"rfilename": each} for each in files]})

    def _tree(self, commit: str, files: dict[str, bytes], folder: str) -> None:
        root = PurePosixPath(folder)
        inside = {each: PurePosixPath(each).relative_to(root) for each in files if root in PurePosixPath(each).parents}
        if folder and not inside:
            return self._fail("EntryNotFound")
        folders = {str(root / path.parts[0]) for path in inside.values() if len(path.parts) > 1}
        direct = [each for each, path in inside.items() if len(path.parts) == 1]
        return self._send_json(
            [{"type": "directory", "path": each, "oid": _sha1(each.encode())} for each in sorted(folders)]
            + [{"type": "file", "path": each, "size": len(files[each]), "oid": _sha1(files[each])} for each in direct]
        )

    def _file(self, commit: str, files: dict[str, bytes], path: str) -> None:
        if commit in self.server.refused:
            return self._send(HTTPStatus.FORBIDDEN, b"")
        if path not in files:
            return self._fail("EntryNotFound", **{"X-Repo-Commit": commit})
        data, status = files[path], HTTPStatus.OK
        headers = {"ETag": f'"{_sha1(data)}"', "X-Repo-Commit": commit, "X-Linked-Size": str(len(data))}
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            data, status = data[first : last + 1], HTTPStatus.PARTIAL_CONTENT
        return self._send(status, data, **headers)

    def _fail(self, code: str, **headers: str) -> None:
        self._send(HTTPStatus.NOT_FOUND, b"", **{"X-Error-Code": code}, **headers)

    def _send_json(self, document: Any) -> None:
        self._send(HTTPStatus.OK, json.dumps(document).encode(), **{"Content-Type": "application/json"})

    def _send(self, status: HTTPStatus, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet: the requests are in the server's list."""


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
