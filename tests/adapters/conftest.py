"""`store` is each implementation of the Store port in turn."""

from __future__ import annotations

from tests.state.conftest import store as store  # noqa: PLC0414  a fixture is shared by importing it
