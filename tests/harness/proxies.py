"""nginx and HAProxy with the configuration files of server/docs/replicas, on free ports and in a test's own folder."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from harness.outside_engines import MissingEngineError, free_port
from harness.running import wait_for

KINDS = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}
NAME = "readmission.example"
_FILES = Path(__file__).parents[2] / "server" / "docs" / "replicas"


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs."""

    plain: int
    secure: int
    trusting: ssl.SSLContext
    """What a client needs in order to believe its certificate."""


@contextmanager
def proxy(kind: str, top: Path, replicas: tuple[int, int]) -> Iterator[Proxy]:
    """Run a proxy before two replicas. Raises MissingEngineError where it is not installed."""
    program = shutil.which(kind, path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise MissingEngineError(f"{kind} is not installed: make programs")
    certificate = _certificate(top)
    found = Proxy(free_port(), free_port(), ssl.create_default_context(cafile=str(certificate)))
    file = top / KINDS[kind]
    file.write_text(_filled(kind, top, replicas, found), encoding="utf-8")
    options = ["-c", str(file), "-g", "daemon off;"] if kind == "nginx" else ["-db", "-f", str(file)]
    with (top / "log").open("wb") as log, subprocess.Popen([program, *options], stderr=log) as process:
        try:
            wait_for(lambda: _listens(process, found.secure, top / "log"), f"{kind} does not listen")
            yield found
        finally:
            process.terminate()


def _filled(kind: str, top: Path, replicas: tuple[int, int], found: Proxy) -> str:
    """Return the configuration with the ports and folders of a test; each must stand in the file."""
    places = {"127.0.0.1:8001": f"127.0.0.1:{replicas[0]}", "127.0.0.1:8002": f"127.0.0.1:{replicas[1]}"}
    if kind == "nginx":
        for name in ("body", "proxy"):
            (top / name).mkdir()
        places |= {
            "user www-data;": "user root;" if os.getuid() == 0 else "",  # it has to get at the test's folder
            "http {": f"http {{ client_body_temp_path {top}/body; proxy_temp_path {top}/proxy;",
            "/run/": f"{top}/",
            "/var/log/nginx/": f"{top}/",
            "/var/cache/nginx/": f"{top}/",
            "/etc/ssl/readmission/": f"{top}/",
            "listen 80;": f"listen 127.0.0.1:{found.plain};",
            "listen 443 ": f"listen 127.0.0.1:{found.secure} ",
            "listen [::]:80;": "",
            "listen [::]:443 ssl http2;": "",
        }
    else:
        places |= {
            "log /dev/log local0": "",
            "user haproxy": "",
            "group haproxy": "",
            "bind :80": f"bind 127.0.0.1:{found.plain}",
            "bind :443 ": f"bind 127.0.0.1:{found.secure} ",
            "/etc/haproxy/": f"{top}/",
        }
    text = (_FILES / KINDS[kind]).read_text(encoding="utf-8")
    for place, own in places.items():
        assert place in text, f"{KINDS[kind]} no longer says {place!r}; change it here too"
        text = text.replace(place, own)
    return text


def _certificate(top: Path) -> Path:
    """Make a certificate that only this test trusts, in the forms that both proxies read."""
    chain, key = top / "fullchain.pem", top / "privkey.pem"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    subject = ("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}")
    made = subprocess.run(
        ["openssl", "req", "-x509", *curve, *subject, "-keyout", str(key), "-out", str(chain)],
        capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr.decode()
    (top / "readmission.pem").write_bytes(chain.read_bytes() + key.read_bytes())
    return chain


def _listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8")
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
