"""The cloud surface: every route, socket event and timer, and nothing else."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, CognitoUserPoolAuthorizer, Rate, Request, Response

from chalicelib import errors, logs
from chalicelib.config import AppConfig, user_pool_arn
from chalicelib.domain import fields, generations, protocol
from chalicelib.domain.times import to_text
from chalicelib.errors import NotAllowed, RateLimited, ServiceError
from chalicelib.middleware import keep_private, log_failure, reshape

if TYPE_CHECKING:
    from chalicelib.domain.identity import UserIdentity
    from chalicelib.wiring import Services

app = Chalice(app_name="serverless-openclaw", configure_logs=False)
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.register_middleware(keep_private, "http")
app.register_middleware(reshape, "http")
app.register_middleware(log_failure, "http")
owners = CognitoUserPoolAuthorizer("owners", provider_arns=[user_pool_arn(os.environ)])
log = logging.getLogger(__name__)

STATUS: Mapping[type[ServiceError], int] = {
    errors.InvalidMessage: 400,
    NotAllowed: 403,
    errors.NotFound: 404,
    errors.AgentBusy: 409,
    errors.MessageTooLarge: 413,
    RateLimited: 429,
    ServiceError: 503,
}
REST_BYTES = 64 * 1024  # of a request; files go to the bucket
View = Callable[..., Any]


@cache
def services() -> Services:
    """Made by the first event, kept while the Lambda environment is warm."""
    from chalicelib.wiring import Services, aws  # noqa: PLC0415  packaging imports this file and needs no AWS

    config = AppConfig.from_env(os.environ)
    logs.set_up(config.log_level, config.log_format, config.stage)
    return Services(config, aws(config))


def status_of(kind: type[ServiceError]) -> int:
    """Of the nearest class in the table: a new kind of error answers as its parent does."""
    return next(STATUS[each] for each in kind.__mro__ if each in STATUS)


def refused(error: ServiceError) -> Response:
    again: dict[str, Any] = {"Retry-After": str(error.retry_after)} if isinstance(error, RateLimited) else {}
    return Response(protocol.rest_refusal(error), headers=again, status_code=status_of(type(error)))


def answered(view: View) -> View:
    """The view, with service errors answered as JSON."""

    @wraps(view)
    def answer(**params: str) -> Any:
        try:
            return view(**params)
        except ServiceError as error:
            return refused(error)

    return answer


def route(path: str, *methods: str) -> Callable[[View], View]:
    """`app.route` for signed-in owners, with service errors answered as JSON."""
    return lambda view: app.route(path, methods=list(methods), authorizer=owners)(answered(view))


def request() -> Request:
    assert app.current_request is not None
    return app.current_request


def identity() -> UserIdentity:
    """Who is signed in, from the authorizer and nothing else. Raises NotAllowed, SignedOut."""
    return services().identities.admit(request().context["authorizer"]["claims"])


def user() -> str:
    return identity().user_id


def raw_body() -> bytes:
    raw: bytes | str = request().raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


def body() -> dict[str, Any]:
    """Raises InvalidMessage, MessageTooLarge."""
    raw = raw_body() or b"{}"
    if len(raw) > REST_BYTES and raw.startswith(b"{"):
        raise errors.MessageTooLarge(f"the request has more than {REST_BYTES >> 10} KB")
    return fields.json_object(raw[: REST_BYTES + 1])  # what is longer is no object


def word(key: str) -> str | None:
    found: str | None = (request().query_params or dict[str, str]()).get(key)
    return found


def query(key: str, default: int | None) -> int | None:
    value = word(key)
    return default if value is None else fields.digits(value, key)


@app.on_ws_connect()
def websocket_connect(event: Any) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in event.to_dict()["headers"].items()}
    offered = [each.strip() for each in headers.get("sec-websocket-protocol", "").split(",")]
    ticket = next((each for each in offered if each.startswith(protocol.TICKET_PREFIX)), "")
    try:
        services().chat.connect(
            event.connection_id, ticket.removeprefix(protocol.TICKET_PREFIX), headers.get("origin", "")
        )
    except NotAllowed as error:
        log.info("connect refused: %s", error)
        return {"statusCode": STATUS[NotAllowed]}
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": protocol.SUBPROTOCOL}}


@app.on_ws_message()
def websocket_message(event: Any) -> None:
    services().chat.receive(event.connection_id, event.body)


@app.on_ws_disconnect()
def websocket_disconnect(event: Any) -> None:
    services().chat.disconnect(event.connection_id)


@app.schedule(Rate(1, unit=Rate.MINUTES))
def watchdog(event: Any) -> None:
    services().watchdog.run()


@route("/tickets", "POST")
def issue_ticket() -> dict[str, str]:
    ticket = services().tickets.issue(identity())
    return {"ticket": ticket.ticket, "expiresAt": to_text(ticket.expires_at)}


@route("/sign-out-everywhere", "POST")
def sign_out_everywhere() -> dict[str, Any]:
    services().identities.sign_out(user())
    return {}


@route("/status", "GET")
def get_status() -> dict[str, Any]:
    return protocol.status(*services().lifecycle.status(user()))


@route("/agent/start", "POST")
def start_agent() -> dict[str, Any]:
    return protocol.status(services().lifecycle.start(user()))


@route("/agent/stop", "POST")
def stop_agent() -> dict[str, Any]:
    return protocol.status(services().lifecycle.stop(user()))


@route("/agent/halt", "PUT")
def halt_agent() -> dict[str, Any]:
    return protocol.status(services().lifecycle.switch(user(), halted=fields.flag(body(), "halted")))


@route("/conversations", "GET")
def list_conversations() -> dict[str, Any]:
    found = services().history.listing(user(), word("after"))
    return protocol.listing(found.conversations, found.after)


@route("/conversations/{conversation_id}", "GET")
def read_conversation(conversation_id: str) -> dict[str, Any]:
    known = fields.uuid_of({"conversationId": conversation_id}, "conversationId")
    page = services().history.page(user(), known, query("before", None), query("limit", None))
    return {"messages": [protocol.entry(each) for each in page.entries], "before": page.before}


@route("/conversations/{conversation_id}", "PATCH")
def change_conversation(conversation_id: str) -> dict[str, Any]:
    return protocol.conversation(services().history.change(user(), conversation_id, body()))


@route("/conversations/{conversation_id}", "DELETE")
def delete_conversation(conversation_id: str) -> dict[str, Any]:
    services().history.delete(user(), conversation_id)
    return {}


@route("/search", "GET")
def search() -> dict[str, Any]:
    found = services().search.find(user(), word("q") or "", word("after"))
    return protocol.hits(found.hits, found.after)


@route("/uploads", "POST")
def offer_upload() -> dict[str, Any]:
    return services().uploads.offer(user(), body()).fields()


@route("/media/{media_id}", "GET")
def find_media(media_id: str) -> dict[str, Any]:
    return services().media.find(user(), fields.uuid_of({"mediaId": media_id}, "mediaId")).fields()


@route("/links/{link}", "POST")  # API Gateway wants one name for what stands in one place
def offer_link(link: str) -> dict[str, Any]:
    return services().linking.offer(user(), link).fields()


@route("/links", "GET")
def list_links() -> dict[str, Any]:
    links = [link.fields() for link in services().linking.list(user())]
    return {"links": links, "channels": list(services().linking.channels())}


@route("/links/{link}/confirm", "POST")
def confirm_link(link: str) -> dict[str, Any]:
    return services().linking.confirm(user(), link).fields()


@route("/links/{link}", "DELETE")
def remove_link(link: str) -> dict[str, Any]:
    services().linking.remove(user(), link)
    return {}


@app.route("/telegram", methods=["POST"])  # no authorizer: the secret that Telegram sends says that it is Telegram
def receive_telegram() -> Response:
    secret = request().headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    try:
        services().telegram.receive(secret, request().raw_body)
    except NotAllowed as error:
        return Response({"code": error.code, "message": "not allowed"}, status_code=STATUS[NotAllowed])
    except RateLimited as error:  # Telegram keeps the update, and sends it again
        return refused(error)
    return Response({})


@route("/backups", "GET")
def list_backups() -> dict[str, Any]:
    return {"backups": [generations.describe(each) for each in services().backups.points(user())]}


@route("/backups", "POST")
def ask_backup() -> dict[str, str]:
    return {"askedAt": to_text(services().backups.ask(user()))}


@route("/backups/{backup}", "GET")
def download_backup(backup: str) -> dict[str, Any]:
    return services().backups.download(user(), backup).fields()


@route("/backups/{backup}/restore", "POST")
def restore_backup(backup: str) -> dict[str, Any]:
    return generations.describe(services().backups.restore(user(), backup))


@app.route("/bridge/credentials", methods=["POST"])  # no authorizer: the key of the agent's start signs
@answered
def issue_credentials() -> dict[str, str]:
    if request().query_params:
        raise NotAllowed("the signature is of an address without a query")
    return services().credentials.issue(raw_body(), request().headers, str(request().context["identity"]["sourceIp"]))


@route("/settings", "GET")
def get_settings() -> dict[str, Any]:
    return protocol.settings(services().settings.get(user()))


@route("/settings", "PUT")
def put_settings() -> dict[str, Any]:
    return protocol.settings(services().settings.change(user(), body()))


@route("/models", "GET")
def list_models() -> dict[str, Any]:
    return protocol.models(services().settings.models())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # loading has the whole processor, an event a share of it
    services().warm_up()
