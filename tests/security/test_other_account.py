"""Another account of the same machine is nobody: it reads no file, and does not sign in without the printed address."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from wsgiref.types import WSGIApplication

import pytest
from playwright.sync_api import Browser, expect

from local.checks import check_disk
from local.cloud.admission import Admission, IsOwn, address_path, is_own_peer
from local.cloud.config import CloudConfig
from local.cloud.front import mounted
from local.cloud.oidc import OidcApp, OidcProvider
from local.cloud.page import PageHost
from local.cloud.peer import Ends, is_own
from local.cloud.signing import Signer
from local.errors import DiskProblem
from local.guard import Guard
from local.names import CLIENT_ID
from local.web import Server
from tests.e2e.product import Product, wait_for
from tests.fakes.identity import signing_key
from tests.local.waiting import SHORT
from tests.security.conftest import Servers
from tests.security.raw import Answer, ask

ROOT = Path(__file__).parents[2]
NOBODY = 65534
KEY = signing_key()
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
ASKS = """
import sys, socket
caller = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lines = [f"GET {sys.argv[2]} HTTP/1.1", f"Host: localhost:{sys.argv[1]}", "Connection: close", *sys.argv[3:], "", ""]
caller.sendall("\\r\\n".join(lines).encode())
while part := caller.recv(65536):
    sys.stdout.buffer.write(part)
"""


def asked_as_nobody(port: int, path: str, *headers: str) -> Answer:
    command = [os.path.realpath(sys.executable), "-I", "-S", "-c", ASKS, str(port), path, *headers]
    try:
        said = subprocess.run(command, user=NOBODY, group=NOBODY, capture_output=True, cwd="/", timeout=20, check=False)
    except PermissionError:
        command[0] = "/usr/bin/python3"
        said = subprocess.run(command, user=NOBODY, group=NOBODY, capture_output=True, cwd="/", timeout=20, check=False)
    assert not said.stderr, said.stderr.decode()
    head, _, body = said.stdout.partition(b"\r\n\r\n")
    return Answer(int(head.split(b" ")[1]), head.decode(), body)


def authorize(port: int) -> str:
    challenge = "response_type=code&code_challenge_method=S256&code_challenge=x&state=s"
    return f"/oidc/authorize?client_id={CLIENT_ID}&redirect_uri=http://localhost:{port}/&{challenge}"


@contextmanager
def sign_in_server(state: Path, own: bool | None = None) -> Iterator[tuple[int, Admission]]:
    """Without `own` the system is asked whose a connection is."""
    server = Server(0, 4, SHORT)
    origin = f"http://localhost:{server.port}"
    asked: IsOwn = is_own_peer if own is None else lambda _environ: bool(own)
    admission = Admission(address_path(state), origin, asked)
    provider = OidcProvider(Signer(KEY, f"{origin}/oidc"), origin, lambda: datetime.now(UTC))
    parts: dict[str, WSGIApplication] = {"/oidc": OidcApp(provider, admission.admits), "/sign-in": admission}
    built = PageHost(CloudConfig(ROOT, state, server.port, None, "INFO"), ROOT / "frontend" / "dist")
    server.serve(mounted(parts, built), Guard(frozenset({origin})))
    yield server.port, admission
    server.stop()


def local(port: int, path: str, **headers: str) -> Answer:
    return ask(("127.0.0.1", port), "GET", path, headers)


def secret_path(admission: Admission) -> str:
    return admission.address.removeprefix(admission.origin)


def cookie(answered: Answer) -> str:
    return answered.header("Set-Cookie")[0].partition(";")[0]


@needs_root
def test_nobody_does_not_sign_in(tmp_path: Path) -> None:
    with sign_in_server(tmp_path) as (port, _):
        answered = asked_as_nobody(port, authorize(port))
        assert (answered.status, answered.header("Location")) == (403, [])
        assert b"make run" in answered.body
        assert "여세요" in answered.body.decode()


@needs_root
@pytest.mark.parametrize("headers", [["X-Forwarded-For: 127.0.0.1"], ["Cookie: sign-in="], ["Cookie: sign-in=x"]])
def test_nobody_does_not_sign_in_by_what_he_says(tmp_path: Path, headers: list[str]) -> None:
    with sign_in_server(tmp_path) as (port, _):
        assert asked_as_nobody(port, authorize(port), *headers).status == 403


@needs_root
def test_nobody_with_the_printed_address_signs_in_once(tmp_path: Path) -> None:
    """As the owner does from a browser of another account."""
    with sign_in_server(tmp_path) as (port, admission):
        path = secret_path(admission)
        brought = cookie(asked_as_nobody(port, path))
        assert asked_as_nobody(port, authorize(port), f"Cookie: {brought}").status == 302
        assert asked_as_nobody(port, authorize(port), f"Cookie: {brought}").status == 403
        assert asked_as_nobody(port, path).status == 403


def test_the_own_account_signs_in_without_a_secret(tmp_path: Path) -> None:
    with sign_in_server(tmp_path) as (port, admission):
        before = admission.address
        answered = local(port, authorize(port))
        assert answered.status == 302
        assert "code=" in answered.header("Location")[0]
        assert admission.address == before, "a secret that was not needed is not used up"


def test_where_nobody_can_tell_the_secret_is_needed_and_good_once(tmp_path: Path) -> None:
    with sign_in_server(tmp_path, own=False) as (port, admission):
        assert local(port, authorize(port)).status == 403
        printed = secret_path(admission)
        first = local(port, printed)
        assert (first.status, first.header("Location")) == (302, [f"http://localhost:{port}/"])
        assert local(port, printed).status == 302, "whoever only looks at it uses nothing up"
        assert local(port, authorize(port), Cookie=cookie(first)).status == 302
        assert local(port, authorize(port), Cookie=cookie(first)).status == 403
        assert local(port, printed).status == 403


def test_a_browser_that_is_not_known_reads_the_way_in_and_goes_it(tmp_path: Path, browser: Browser) -> None:
    """Where the system does not tell whose a connection is."""
    with sign_in_server(tmp_path, own=False) as (port, admission):
        context = browser.new_context(locale="ko-KR")
        tab = context.new_page()
        tab.goto(f"http://localhost:{port}")
        expect(tab.get_by_role("heading", name="This agent lets its owner in")).to_be_visible()
        expect(tab.get_by_text("주인만 사용할 수 있습니다")).to_be_visible()
        tab = context.new_page()  # as a terminal opens it
        tab.goto(admission.address)
        wait_for(lambda: "oidc.user:" in str(context.storage_state()), "the session")
        assert "sign-in" not in tab.url
        context.close()


def test_the_file_has_the_next_address_for_its_owner_alone(tmp_path: Path) -> None:
    with sign_in_server(tmp_path, own=False) as (port, admission):
        file = address_path(tmp_path)
        first = file.read_text().strip()
        assert (first, stat.S_IMODE(file.stat().st_mode)) == (admission.address, 0o600)
        local(port, authorize(port), Cookie=cookie(local(port, secret_path(admission))))
        assert file.read_text().strip() == admission.address != first


def test_the_cookie_goes_to_the_sign_in_alone_and_not_for_long(tmp_path: Path) -> None:
    with sign_in_server(tmp_path, own=False) as (port, admission):
        (given,) = local(port, secret_path(admission)).header("Set-Cookie")
        marks = {each.strip() for each in given.split(";")}
        assert {"Path=/oidc/authorize", "Max-Age=120", "HttpOnly", "SameSite=Strict"} <= marks


@pytest.mark.parametrize("guess", ["", "/", "/x", "/" + "a" * 5000, "/%00", "/%ff%fe", "//"])
def test_a_guess_gives_nothing(tmp_path: Path, guess: str) -> None:
    with sign_in_server(tmp_path, own=False) as (port, _):
        answered = local(port, f"/sign-in{guess}")
        assert answered.status in (403, 404)
        assert answered.header("Set-Cookie") == []


@pytest.mark.parametrize("after", ["//evil.example", "/%0d%0aSet-Cookie:%20a=b", "/@evil.example", "/%5cevil.example"])
def test_the_printed_address_leads_to_the_page_alone(tmp_path: Path, after: str) -> None:
    with sign_in_server(tmp_path) as (port, admission):
        for path in (secret_path(admission), "/sign-in/old"):
            answered = local(port, path + after)
            assert answered.header("Location")[0].startswith(f"http://localhost:{port}/")
            assert "a=b" not in " ".join(answered.header("Set-Cookie"))


@contextmanager
def connected() -> Iterator[tuple[socket.socket, Ends]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        caller = socket.create_connection(server.getsockname())
        accepted, peer = server.accept()
        with closing(accepted), closing(caller):
            yield caller, Ends(peer, server.getsockname())


def test_the_holder_of_a_connection_is_known() -> None:
    with connected() as (_, link):
        assert is_own(link, os.getuid())
        assert is_own(link, 12345) == (os.getuid() == 0), "root is let in"


def test_a_connection_that_its_holder_has_closed_is_nobodys() -> None:
    with connected() as (caller, link):
        caller.close()
        assert not is_own(link, os.getuid())


@pytest.mark.parametrize(
    "row",
    [
        "0: {peer} {server} 01 0:0 0:0 0 65534 0 77 1",
        "0: {server} {peer} 01 0:0 0:0 0 {own} 0 77 1",
        "0: {peer} {other} 01 0:0 0:0 0 {own} 0 77 1",
        "0: {peer} {server} 06 0:0 0:0 0 0 0 0 3",
        "",
    ],
    ids=["of another account", "our own end", "to another server", "nobody holds it", "no row"],
)
def test_a_row_that_does_not_say_so_lets_nobody_in(tmp_path: Path, row: str) -> None:
    table = tmp_path / "tcp"
    peer, server, other = "0100007F:C350", "0100007F:2253", "0100007F:2254"
    table.write_text(f"  sl\n{row.format(peer=peer, server=server, other=other, own=1000)}\n")
    assert not is_own(Ends(("127.0.0.1", 50000), ("127.0.0.1", 8787)), 1000, (table,))


def test_a_browser_that_speaks_ipv6_is_known_too(tmp_path: Path) -> None:
    mapped = "0000000000000000FFFF00000100007F"
    row = f"0: {mapped}:C350 {mapped}:2253 01 0:0 0:0 0 1000 0 77 1"
    for name, text in (("tcp", "sl\n"), ("tcp6", f"sl\n{row}\n")):
        (tmp_path / name).write_text(text)
    link = Ends(("127.0.0.1", 50000), ("127.0.0.1", 8787))
    assert is_own(link, 1000, (tmp_path / "tcp", tmp_path / "tcp6"))


def test_a_table_that_may_not_be_read_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "tcp").mkdir()  # as good as unreadable, for root too
    assert not is_own(Ends(("127.0.0.1", 50000), ("127.0.0.1", 8787)), os.getuid(), (tmp_path / "tcp",))


def test_where_there_is_no_such_table_lsof_tells(tmp_path: Path) -> None:
    with connected() as (_, link):
        told = is_own(link, os.getuid(), (tmp_path / "none",))
        assert not is_own(link, 12345, (tmp_path / "none",))
        assert not is_own(Ends(link.server, ("127.0.0.1", 1)), os.getuid(), (tmp_path / "none",))
    if not any((Path(place) / "lsof").exists() for place in os.environ["PATH"].split(os.pathsep)):
        pytest.skip("lsof is not installed here")
    assert told


def test_openclaw_runs_no_module_that_another_account_may_have_compiled(awake: Product) -> None:
    """By itself Node looks in /tmp, where the first to come makes the folder."""
    environ = Path(f"/proc/{awake.agent_pid()}/environ").read_text().split("\0")
    (cache,) = (Path(each.partition("=")[2]) for each in environ if each.startswith("NODE_COMPILE_CACHE="))
    assert any(path.is_file() for path in cache.rglob("*"))
    way = [path for path in (cache, *cache.parents) if path.is_relative_to(ROOT)]
    assert [path for path in way if _mode(path) & 0o002] == []
    assert len(way) > 1


def test_what_the_running_product_writes_is_its_owners_alone(awake: Product) -> None:
    """While its agent runs: the store, the keys, the logs, the task's folders, what OpenClaw makes."""
    found = list(awake.state.rglob("*"))
    assert {"aws.sqlite", "sign-in.pem", "address", "openclaw.json", "go.json"} <= {path.name for path in found}
    open_to_others = [path for path in (awake.state, *found) if not path.is_symlink() and _mode(path) & 0o077]
    assert open_to_others == []


def test_a_folder_of_an_earlier_version_is_closed(open_folder: Path) -> None:
    state = open_folder / "state"
    (state / "logs" / "tasks").mkdir(parents=True)
    for name in ("aws.sqlite", "logs/aws.log", "logs/tasks/1.log"):
        (state / name).write_text("mine")
        (state / name).chmod(0o644)
    check_disk(state)
    assert {_mode(path) & 0o077 for path in (state, *state.rglob("*"))} == {0}


def test_links_in_the_folder_are_not_followed_when_it_is_closed(open_folder: Path) -> None:
    elsewhere = open_folder / "elsewhere"
    elsewhere.write_text("")
    elsewhere.chmod(0o644)
    (open_folder / "state").mkdir()
    (open_folder / "state" / "link").symlink_to(elsewhere)
    check_disk(open_folder / "state")
    assert _mode(elsewhere) == 0o644


@pytest.mark.parametrize("mode", [0o1777, 0o1755])
def test_a_folder_that_many_share_is_refused_and_left_alone(open_folder: Path, mode: int) -> None:
    shared = open_folder / "shared"
    shared.mkdir()
    shared.chmod(mode)
    with pytest.raises(DiskProblem, match="not yours alone"):
        check_disk(shared)
    assert _mode(shared) == mode


@needs_root
def test_a_folder_of_somebody_else_is_refused(open_folder: Path) -> None:
    other = open_folder / "other"
    other.mkdir()
    os.chown(other, NOBODY, NOBODY)
    with pytest.raises(DiskProblem, match="not yours alone"):
        check_disk(other)


@needs_root
def test_nobody_finds_nothing_of_a_running_product(product: Product, servers: Servers) -> None:
    for folder in (product.state, *product.state.parents):
        if folder.name.startswith("product"):
            assert _mode(product.state) == 0o700
    for path in ("/api/status", "/api/conversations", authorize(product.port)):
        assert asked_as_nobody(product.port, path).status in (401, 403)
    for port in (servers.aws[1], servers.demo_model[1]):
        assert asked_as_nobody(port, "/").status == 403


def test_two_who_bring_the_same_secret_at_once_are_one(tmp_path: Path) -> None:
    with sign_in_server(tmp_path, own=False) as (port, admission):
        brought, admitted = cookie(local(port, secret_path(admission))), list[int]()
        callers = [
            threading.Thread(target=lambda: admitted.append(local(port, authorize(port), Cookie=brought).status))
            for _ in range(8)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert sorted(admitted) == [302] + [403] * 7


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
