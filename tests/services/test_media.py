"""The files of answers: their owner is told where they are for an hour, and nobody else is."""

from __future__ import annotations

import uuid

import pytest

from chalicelib.domain.conversation import media_key
from chalicelib.errors import NotFound
from chalicelib.services.media import LIFETIME
from tests.fakes.world import USER, World

ID = str(uuid.uuid4())


def test_a_file_has_an_address_for_an_hour(world: World) -> None:
    world.objects.put_file(media_key(USER, ID), b"png", "chart.png", "image/png")
    place = world.services.media.find(USER, ID)

    assert media_key(USER, ID) in place.url
    assert place.expires_at == world.clock() + LIFETIME


@pytest.mark.parametrize("user", [USER, "eve"])
def test_what_is_not_there_or_somebody_elses_is_not_found(world: World, user: str) -> None:
    world.objects.put_file(media_key("ada's neighbour", ID), b"png", "chart.png", "image/png")
    with pytest.raises(NotFound):
        world.services.media.find(user, ID)


@pytest.mark.parametrize("odd", ["../uploads/x", "a/b", "/"])
def test_no_id_leads_out_of_the_files_of_answers(odd: str) -> None:
    with pytest.raises(AssertionError):
        media_key(USER, odd)
