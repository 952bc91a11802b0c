"""The probes of a first account, on the product of this machine, whose account enforces what a bridge may do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from chalicelib.config import AppConfig
from chalicelib.store import Table
from chalicelib.wiring import Services, aws
from infra.errors import CheckFailed
from infra.probes import Reach, Site, borrow, download, errors, gone, quiet, rows
from local.names import OWNER, REGION
from tests.e2e.cloud import Cloud
from tests.e2e.processes import CLOUD, environment, running
from tests.e2e.product import Product
from tests.e2e.test_check import visitor


@pytest.fixture(scope="module")
def services(product: Product) -> Iterator[Services]:
    """The app's own, as the product's functions have them."""
    (pid,) = running(product.process.pid, CLOUD)
    environ, cloud = environment(pid), Cloud.of(product)
    known = {"AWS_ENDPOINT_URL": cloud.endpoint, "AWS_DEFAULT_REGION": REGION}
    keys = {"AWS_ACCESS_KEY_ID": cloud.keys.id, "AWS_SECRET_ACCESS_KEY": cloud.keys.secret}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**known, **keys}.items():
            patch.setenv(name, value)
        config = AppConfig.from_env(environ)
        yield Services(config, replace(aws(config), sleep=lambda seconds: time.sleep(min(seconds, 1))))


@pytest.fixture(scope="module")
def site(product: Product, services: Services) -> Site:
    guest = visitor(product, [])
    guest.fall_asleep()
    bridge = borrow(guest, services, OWNER, REGION)
    return Site(guest, OWNER, services, lambda: bridge, lambda *asked: [], {})


def test_a_bridge_writes_its_users_rows_and_no_others(site: Site, product: Product) -> None:
    assert rows(site).endswith("(AccessDeniedException)")
    (denied,) = product.newly_denied()
    assert "BridgeRole" in denied


def test_one_that_could_write_more_is_told(site: Site) -> None:
    wide = Reach(site.services.outside.store, site.bridge().push)
    with pytest.raises(CheckFailed, match="can write somebody else's row"):
        rows(replace(site, bridge=lambda: wide))
    assert site.services.outside.store.get(Table.TASK_STATE, {"userId": "probe-of-nobody"}) is None


def test_a_page_that_broke_off_is_found_out_and_forgotten(site: Site) -> None:
    assert gone(site).startswith("410 after")


def test_a_download_an_error_and_a_quiet_socket_are_as_expected(site: Site) -> None:
    assert download(site).endswith("gives the file, without a redirect")
    assert errors(site) == "400 twice, each from the app"
    assert quiet(site) == "it answers a ping after nine quiet minutes"


def test_nothing_of_it_is_left(site: Site, product: Product) -> None:
    state: Mapping[str, object] = site.visitor.call("GET", "/status")
    assert state["status"] == "idle"
