"""A web page of another origin, open in the owner's browser while the product runs: it scans, posts and navigates."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab

from local.names import BUCKET, STAGE
from tests.e2e.browser import COLD, answers, composer, say
from tests.e2e.bucket import Bucket
from tests.e2e.page import Page
from tests.e2e.product import Product
from tests.security.conftest import Servers

MANIFEST = "users/owner/state/manifest.json"
# What a page can send without asking, and whether it got to read anything.
SCAN = """
async ([ports, paths]) => {
  const read = [];
  const attempt = async (name, go) => { try { if (await go()) read.push(name); } catch {} };
  for (const port of ports) for (const host of ["localhost", "127.0.0.1"]) for (const path of paths) {
    const url = `http://${host}:${port}${path}`;
    await attempt(`read ${url}`, async () => (await fetch(url)).ok);
    await attempt(`read with cookies ${url}`, async () => (await fetch(url, { credentials: "include" })).ok);
    await attempt(`deleted ${url}`, async () => (await fetch(url, { method: "DELETE" })).ok);
    await attempt(`put ${url}`, async () => (await fetch(url, { method: "PUT", body: "planted" })).ok);
    await attempt(`posted ${url}`, async () => (await fetch(url, { method: "POST", body: "planted" })).ok);
    await attempt(`image ${url}`, () => new Promise((done) => {
      const image = new Image();
      image.onload = () => done(true);
      image.onerror = () => done(false);
      image.src = url;
    }));
    await attempt(`script ${url}`, () => new Promise((done) => {
      const script = document.createElement("script");
      script.onload = () => done(true);
      script.onerror = () => done(false);
      script.src = url;
      document.head.append(script);
    }));
  }
  return read;
}
"""
FORMS = """
async ([ports, bucket, key]) => {
  for (const port of ports) for (const path of [`/${bucket}`, `/${bucket}/${key}`, `/${bucket}?delete`]) {
    const form = new FormData();
    const conditions = [{ bucket }, { key }, ["content-length-range", 1, 1000]];
    form.append("key", key);
    form.append("policy", btoa(JSON.stringify({ expiration: "2099-01-01T00:00:00+00:00", conditions })));
    form.append("x-amz-signature", "0");
    form.append("file", new Blob(["planted"]));
    await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", mode: "no-cors", body: form }).catch(() => {});
    await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST", mode: "no-cors", body: `<Delete><Object><Key>${key}</Key></Object></Delete>`,
    }).catch(() => {});
  }
}
"""
SOCKETS = """
async ([ports, path, ticket]) => {
  const heard = [];
  for (const port of ports) await new Promise((done) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ["openclaw.v1", `ticket.${ticket}`]);
    socket.onopen = () => heard.push(port);
    socket.onclose = () => done();
    setTimeout(done, 2000);
  });
  return heard;
}
"""


class _Evil(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title><body>Nice pictures of cats</body>")

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def evil_site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Evil)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def owner(browser: Browser, product: Product) -> Iterator[Tab]:
    """The product's page, signed in, in the browser that visits the other one too."""
    context = browser.new_context(locale="en-US")
    tab = context.new_page()
    tab.goto(product.origin)
    expect(composer(tab)).to_be_visible(timeout=COLD)
    yield tab
    context.close()


@pytest.fixture
def evil(owner: Tab) -> Iterator[Tab]:
    with evil_site() as site:
        tab = owner.context.new_page()
        tab.goto(site)
        yield tab


@pytest.fixture(scope="module")
def ports(servers: Servers, gateway: tuple[str, int]) -> list[int]:
    return [servers.page[1], servers.socket[1], servers.aws[1], servers.demo_model[1], gateway[1]]


def test_a_scan_of_all_servers_reads_and_changes_nothing(
    evil: Tab, ports: list[int], product: Product, servers: Servers
) -> None:
    Bucket.of(product).write("users/owner/uploads/kept", b"mine")
    paths = ["/", "/config.json", f"/{BUCKET}", f"/{BUCKET}/{MANIFEST}", f"{servers.demo_path}/_log", "/_log"]
    assert evil.evaluate(SCAN, [ports, paths]) == []
    held = Bucket.of(product).read()
    assert held["users/owner/uploads/kept"] == b"mine"
    assert not any(b"planted" in body for body in held.values())


def test_forms_without_preflight_plant_and_delete_nothing(evil: Tab, ports: list[int], product: Product) -> None:
    Bucket.of(product).write("users/owner/uploads/kept", b"mine")
    evil.evaluate(FORMS, [ports, BUCKET, "users/owner/uploads/kept"])
    evil.evaluate(FORMS, [ports, BUCKET, "users/owner/uploads/new"])
    held = Bucket.of(product).read()
    assert held["users/owner/uploads/kept"] == b"mine"
    assert "users/owner/uploads/new" not in held


def test_sockets_of_the_other_page_are_not_opened(evil: Tab, servers: Servers, product: Product) -> None:
    """Not even with a ticket that is good."""
    ticket = Page(product.origin).rest("POST", "/tickets")["ticket"]
    ports = [servers.page[1], servers.socket[1], servers.aws[1]]
    assert evil.evaluate(SOCKETS, [ports, f"/{STAGE}", ticket]) == []


def test_a_frame_of_the_product_stays_empty(evil: Tab, product: Product) -> None:
    frame = "(url) => new Promise((done) => { document.body.innerHTML = `<iframe src='${url}'></iframe>`;"
    evil.evaluate(frame + " document.querySelector('iframe').onload = done; })", product.origin)
    assert all("composer" not in frame.content() and "Go to" not in frame.content() for frame in evil.frames[1:])


def test_a_link_from_elsewhere_is_answered_with_the_way_in(evil: Tab, product: Product) -> None:
    evil.evaluate("(url) => { window.location.href = url; }", product.origin)
    expect(evil.get_by_role("heading", name="You come from another page")).to_be_visible()
    evil.get_by_role("link", name="Go to the chat").click()
    expect(composer(evil)).to_be_visible()


@pytest.mark.parametrize("path", ["/oidc/authorize", "/oidc/logout", "/api/agent/stop", "/oidc/token"])
def test_a_form_that_navigates_does_nothing(evil: Tab, product: Product, path: str) -> None:
    with evil.expect_navigation() as sent:
        evil.evaluate(
            "(url) => { document.body.innerHTML = `<form method='post' action='${url}'><input name='a'></form>`;"
            " document.forms[0].submit(); }",
            product.origin + path,
        )
    assert sent.value is not None and sent.value.status == 403


def test_the_owner_goes_on_beside_it(evil: Tab, owner: Tab) -> None:
    say(owner, "are you well?")
    expect(answers(owner).last).to_contain_text("are you well?", timeout=COLD)


def test_the_plain_address_is_enough_for_the_owner(product: Product, browser: Browser) -> None:
    """As people try it: `make run`, the page opens at http://localhost:8787, you type."""
    context = browser.new_context(locale="ko-KR")
    tab = context.new_page()
    for address in (f"http://localhost:{product.port}", f"http://127.0.0.1:{product.port}/"):
        tab.goto(address)
        expect(tab.get_by_role("textbox").last).to_be_visible(timeout=COLD)
        assert tab.url.startswith(product.origin)
    context.close()


def test_the_printed_address_signs_in_and_leaves_no_secret_in_the_bar(product: Product, browser: Browser) -> None:
    printed = product.lines[-1].removeprefix("Ready: ")
    assert printed.startswith(f"{product.origin}/sign-in/")
    context = browser.new_context(locale="en-US")
    tab = context.new_page()
    tab.goto(printed)
    expect(composer(tab)).to_be_visible(timeout=COLD)
    assert "sign-in" not in tab.url
    context.close()


def test_a_program_of_the_owner_signs_in_as_ever(product: Product) -> None:
    page = Page(product.origin).open()
    assert page.rest("GET", "/status")["status"]
    page.close()
