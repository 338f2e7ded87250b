"""Writing to a guarded graph store: the login is understood, goes to the named address alone, and faults are told."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import parse_http_list, parse_keqv_list

import pytest

from readmission.engine.interface import EngineError
from readmission.external_engine import GraphStore

LOGIN = "dba:sécret:with colons"
LINE = '<urn:x:s> <urn:x:p> "o" .\n'
DIGEST = 'Digest realm="SPARQL", nonce="{nonce}", qop="auth", algorithm={algorithm}, opaque="x"'


@dataclass
class Guarded:
    """A graph store that asks for a login; ``written`` is what it took, ``seen`` all that it was sent."""

    url: str = ""
    challenges: list[str] = field(default_factory=list)
    nonces: list[str] = field(default_factory=lambda: ["first"])
    algorithm: str = "SHA-256"
    moved: str = ""
    status: int = 204
    written: list[tuple[str, str, bytes]] = field(default_factory=list)
    seen: list[tuple[str, str, int]] = field(default_factory=list)

    def admits(self, method: str, header: str) -> bool:
        user, _, password = LOGIN.partition(":")
        if header.startswith("Basic "):
            return self.challenges[:1] == ["Basic"] and base64.b64decode(header[6:]) == LOGIN.encode()
        if not header.startswith("Digest "):
            return not self.challenges
        told = parse_keqv_list(parse_http_list(header[7:]))

        def digest(*parts: str) -> str:
            name = self.algorithm.replace("-", "").lower()
            return hashlib.new(name, ":".join(parts).encode()).hexdigest()

        ha1, ha2 = digest(user, "SPARQL", password), digest(method, told["uri"])
        right = digest(ha1, told["nonce"], told["nc"], told["cnonce"], "auth", ha2)
        return told["nonce"] == self.nonces[0] and told["response"] == right


@pytest.fixture
def store() -> Iterator[Guarded]:
    found = Guarded()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            header = self.headers.get("Authorization", "")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.seen.append((self.command, header, len(body)))
            admitted = found.admits(self.command, header)
            self.send_response((302 if found.moved else found.status) if admitted else 401)
            if admitted and found.moved:
                self.send_header("Location", found.moved)
            elif admitted:
                found.written.append((self.command, self.path, body))
            for challenge in () if admitted else found.challenges:
                text = 'Basic realm="SPARQL"' if challenge == "Basic" else DIGEST
                self.send_header(
                    "WWW-Authenticate", text.format(nonce=found.nonces[0], algorithm=found.algorithm)
                )
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST = do_DELETE = answer  # noqa: N815  # names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of http.server
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/store"
        yield found
        server.shutdown()
        thread.join()


def client(store: Guarded, login: str | None = LOGIN) -> GraphStore:
    return GraphStore(store.url, login, timeout=10)


def test_without_a_login_none_is_sent(store: Guarded) -> None:
    client(store, None).put("urn:x:g", [LINE])
    assert store.seen == [("PUT", "", len(LINE))]
    assert store.written == [("PUT", "/store?graph=urn%3Ax%3Ag", LINE.encode())]


@pytest.mark.parametrize(
    ("challenges", "algorithm"),
    [(["Basic"], ""), (["Digest"], "MD5"), (["Digest"], "SHA-256"), (["Digest", "Basic"], "SHA-512")],
)
def test_a_store_is_written_with_the_login_it_asks_for(
    store: Guarded, challenges: list[str], algorithm: str
) -> None:
    store.challenges, store.algorithm = challenges, algorithm
    written = client(store)
    written.put("urn:x:g", [LINE])
    written.delete("urn:x:g")
    assert [(method, body) for method, _, body in store.written][-2:] == [
        ("PUT", LINE.encode()),
        ("DELETE", b""),
    ]
    assert [size for *_, size in store.seen if size] == [len(LINE)], (
        "a graph must be sent once, not to a 401 first"
    )


def test_a_nonce_that_ran_out_is_replaced(store: Guarded) -> None:
    store.challenges = ["Digest"]
    written = client(store)
    written.put("urn:x:g", [LINE])
    store.nonces = ["second"]
    written.put("urn:x:h", [LINE])
    assert store.written[-1][:2] == ("PUT", "/store?graph=urn%3Ax%3Ah")


@pytest.mark.parametrize("challenge", ["Basic", "Digest"])
def test_a_wrong_login_is_told_without_the_password(store: Guarded, challenge: str) -> None:
    store.challenges = [challenge]
    with pytest.raises(
        EngineError, match=r"answers 401 to PUT of <urn:x:g>.*login that may write"
    ) as refused:
        client(store, "dba:wrong").put("urn:x:g", [LINE])
    assert "wrong" not in str(refused.value)
    assert not store.written


def test_a_digest_that_we_cannot_compute_is_told(store: Guarded) -> None:
    store.challenges, store.algorithm = ["Digest"], "SHA3-256"
    with pytest.raises(EngineError, match="'SHA3-256', which we do not have; have it ask for SHA-256"):
        client(store).put("urn:x:g", [LINE])


def test_a_store_that_sends_us_on_is_not_followed_with_the_password(store: Guarded) -> None:
    store.challenges, store.moved = ["Basic"], "http://127.0.0.1:9/elsewhere"
    with pytest.raises(EngineError, match=r"answers 302, and names http://127.0.0.1:9/elsewhere to PUT"):
        client(store).put("urn:x:g", [LINE])
    assert not store.written


def test_no_proxy_or_login_of_the_environment_is_used(
    store: Guarded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    client(store, None).put("urn:x:g", [LINE])
    assert store.seen == [("PUT", "", len(LINE))]


def test_a_graph_that_is_not_there_may_be_deleted_and_no_other_fault_is_passed_over(store: Guarded) -> None:
    store.status = 404
    client(store, None).delete("urn:x:g")
    store.status = 500
    with pytest.raises(EngineError, match="answers 500 to DELETE"):
        client(store, None).delete("urn:x:g")


@pytest.mark.parametrize("url", ["ftp://example.org/", "nothing", "http://[/"])
def test_what_is_no_address_on_the_web_is_refused(url: str) -> None:
    with pytest.raises(EngineError, match="no address on the web"):
        GraphStore(url).delete("urn:x:g")


def test_a_store_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineError, match=r"does not answer .*; is the engine running"):
        GraphStore("http://127.0.0.1:9/store", LOGIN).put("urn:x:g", [LINE])
