"""API Gateway's REST side: find the route, check the token, turn the request into an event and the answer back."""

from __future__ import annotations

import base64
import json
import logging
import uuid
from collections.abc import Iterable
from concurrent.futures import TimeoutError as Late
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from chalice.app import Chalice

from chalicelib.domain.identity import JAVA_DATE
from chalicelib.domain.refusals import MESSAGE, TEMPLATES
from local.cloud import events, routes
from local.cloud.environment import TIMEOUT
from local.cloud.environments import Environments, FunctionThrottled
from local.cloud.events import RestRequest
from local.cloud.rate import TOO_MANY, AccountRate
from local.cloud.signing import BadToken, Signer
from local.names import CLIENT_ID
from local.web import answer, read_body

PAYLOAD_LIMIT = 10 * 1024 * 1024
ANSWER_LIMIT = 6 * 1024 * 1024  # bytes of an answer of Lambda's, as JSON
KINDS = {400: "BAD_REQUEST_BODY", 401: "UNAUTHORIZED", 413: "REQUEST_TOO_LARGE", 429: "THROTTLED"}  # by their status
log = logging.getLogger(__name__)


class RestRefused(Exception):
    """API Gateway's own answer; the app never hears of the request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def body(self) -> bytes:
        """As API Gateway makes it of what a deploy gives it."""
        kind = KINDS.get(
            self.status, "DEFAULT_5XX" if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "DEFAULT_4XX"
        )
        return TEMPLATES[kind].replace(MESSAGE, json.dumps(str(self))).encode()


class RestApi:
    """PATH_INFO is the app's path; the front has taken /api away."""

    def __init__(
        self, app: Chalice, environments: Environments, signer: Signer, rate: AccountRate | None = None
    ) -> None:
        self.app, self.environments, self.signer = app, environments, signer
        self.rate = rate or AccountRate()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            result = self._invoke(self._event(environ))
        except RestRefused as refusal:
            return answer(start, refusal.status, refusal.body(), {"Content-Type": "application/json"})
        return _reply(start, result)

    def _event(self, environ: WSGIEnvironment) -> dict[str, Any]:
        if not self.rate.takes():
            raise RestRefused(429, TOO_MANY)
        method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
        match = routes.find(self.app, method, path)
        if match is None:
            raise RestRefused(403, "Missing Authentication Token")
        headers = list(_headers(environ))
        claims = self._claims(dict(headers).get("Authorization", "")) if match.authorized else None
        query, body = str(environ.get("QUERY_STRING", "")), _text(environ)
        return events.rest(RestRequest(method, path, match.resource, match.parameters, query, headers, body, claims))

    def _claims(self, authorization: str) -> dict[str, str]:
        """As the Cognito authorizer passes them on: every value a string, and two of the times as Java writes dates."""
        try:
            claims = self.signer.verify(authorization.removeprefix("Bearer ").strip(), CLIENT_ID)
        except BadToken as error:
            log.info("a token was refused: %s", error)
            raise RestRefused(401, "Unauthorized") from None
        if claims.get("token_use") != "id":
            raise RestRefused(401, "Unauthorized")
        dates = {name: datetime.fromtimestamp(claims[name], UTC).strftime(JAVA_DATE) for name in ("exp", "iat")}
        return {name: str(value) for name, value in (claims | dates).items()}

    def _invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        try:
            invoked = self.environments.request(event)
            result: dict[str, Any] = invoked.future.result(min(TIMEOUT, invoked.timeout))
        except Late:
            raise RestRefused(504, "Endpoint request timed out") from None
        except FunctionThrottled:
            raise RestRefused(500, "Internal server error") from None
        except Exception:
            log.exception("the app failed")
            raise RestRefused(502, "Internal server error") from None
        if len(json.dumps(result)) > ANSWER_LIMIT:
            log.error("an answer has more than Lambda's 6 MB")
            raise RestRefused(502, "Internal server error")
        return result


def _headers(environ: WSGIEnvironment) -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").title(), str(value)
    if environ.get("CONTENT_TYPE"):
        yield "Content-Type", str(environ["CONTENT_TYPE"])
    yield "X-Forwarded-For", str(environ.get("REMOTE_ADDR", ""))


def _text(environ: WSGIEnvironment) -> str:
    body = read_body(environ)
    if len(body) > PAYLOAD_LIMIT:
        raise RestRefused(413, "Request Too Long")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise RestRefused(400, "the body is not UTF-8") from None


def _reply(start: StartResponse, result: dict[str, Any]) -> Iterable[bytes]:
    text = result.get("body") or ""
    body = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
    many = {name: ", ".join(map(str, values)) for name, values in (result.get("multiValueHeaders") or {}).items()}
    own = {"x-amzn-RequestId": str(uuid.uuid4())}  # API Gateway's, by which two answers are told apart
    return answer(start, int(result["statusCode"]), body, {**own, **many, **(result.get("headers") or {})})
