"""The image is pruned of what nobody asks for, and of nothing else: a bridge without SSM's data has no bot's token."""

from __future__ import annotations

import re

from container.image.prune import SERVICES
from tests.test_boundaries import sources

CLIENT = re.compile(r'client\(\s*"([\w-]+)"')


def test_the_image_keeps_the_data_of_every_service_that_the_bridge_talks_to() -> None:
    places = [*sources("container/bridge"), *sources("chalicelib/adapters")]
    asked = {service for path in places for service in CLIENT.findall(path.read_text())}
    assert {"dynamodb", "s3", "ssm"} <= asked
    assert asked <= SERVICES
