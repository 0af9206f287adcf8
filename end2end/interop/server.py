"""Runs a server with a temporary database, for checks that use its REST API."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator


@dataclasses.dataclass
class Server:
    base: str
    token: str
    folder: pathlib.Path

    def call(self, method: str, path: str, body: object = None) -> dict:
        """A call that must succeed; bytes are sent as they are."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None


@contextlib.contextmanager
def running(binary: str) -> Iterator[Server]:
    """Starts the server with a system admin, and stops it at the end. All its requests to others fail."""
    with tempfile.TemporaryDirectory(prefix="testbell-interop-") as folder:
        env = {
            "TESTBELL_DATA_DIR": folder,
            "TESTBELL_LISTEN": "127.0.0.1:0",
            "TESTBELL_ALLOW_HTTP": "true",
            "TESTBELL_API_REQUESTS_PER_MINUTE": "0",
            "TESTBELL_OUTBOUND_PROXY": "http://127.0.0.1:9",
            "TESTBELL_USER_PASSWORD": "correct horse battery staple",
            "RUST_LOG": os.environ.get("RUST_LOG", "error"),
        }

        def testbell(*args: str) -> str:
            return subprocess.run([binary, *args], env=env, check=True, capture_output=True, text=True).stdout.strip()

        testbell("user", "create", "--email", "root@example.com", "--name", "Root", "--system-admin")
        token = testbell("token", "create", "--email", "root@example.com", "--name", "interop")
        log = open(pathlib.Path(folder) / "server.log", "w+")
        process = subprocess.Popen([binary, "serve"], env=env, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield Server(address(process), token, pathlib.Path(folder))
        finally:
            process.terminate()
            process.wait()
            log.seek(0)
            print(log.read()[-10_000:], end="")
            log.close()


def address(process: subprocess.Popen) -> str:
    """The address from the server's output."""
    for line in process.stdout:
        if found := re.search(r"listening on (?:http://)?([\d.:]+)", line):
            return f"http://{found[1]}".rstrip(".")
    raise RuntimeError("the server ended before it listened")
