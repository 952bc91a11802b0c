"""AWS's errors as the driver's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from infra.errors import AwsError


@contextmanager
def translated(doing: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        answer = error.response["Error"]
        raise AwsError(f"{doing}: {answer.get('Message') or error}", answer.get("Code", "")) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise AwsError(f"{doing}: {error}") from error


@contextmanager
def unless(*codes: str) -> Iterator[None]:
    """What is not there any more need not be deleted."""
    try:
        yield
    except AwsError as error:
        if error.code not in codes:
            raise
