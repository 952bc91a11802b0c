"""What only a real account can show: each probe asks it for one thing that the product relies on.

A probe gives what it found in words, and raises CheckFailed where AWS does otherwise; docs/first-account.md says
what to change then.
"""

from __future__ import annotations

import http
import json
import re
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import boto3
from botocore.exceptions import ClientError

from chalicelib.adapters.apigateway import SocketPush
from chalicelib.adapters.clients import make_client
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.bridge import Request, sign
from chalicelib.domain.credentials import PATH, decode_credentials
from chalicelib.store import Delete, Store, Table, Update
from chalicelib.tables.agents import Agents, agent_key
from chalicelib.tables.connections import Connection, Connections
from chalicelib.wiring import Services
from infra.adapters.visitor import Visitor
from infra.errors import CheckFailed
from infra.steps.verify import NEARLY_FULL, packed

SOCKET_REST = 540.0  # seconds of silence; API Gateway closes a socket after 600
GONE_TRIES = 30  # a second each
LOG_TRIES, LOG_PAUSE = 10, 3  # lines take some seconds to be found
COLD_DAYS = timedelta(days=7)
COLD_SECONDS = 2.0  # of a function's first event, its loading included
INIT = re.compile(r"\tDuration: ([\d.]+) ms.*\tInit Duration: ([\d.]+) ms")
FOREIGN = "probe-of-nobody"


@dataclass(frozen=True)
class Reach:
    """What a bridge reaches, with the credentials that one is issued."""

    store: Store
    push: SocketPush


@dataclass(frozen=True)
class Site:
    visitor: Visitor
    user_id: str  # of the user made for this
    services: Services
    bridge: Callable[[], Reach]  # credentials are issued when they are first wanted
    lines: Callable[[str, datetime, str], list[str]]  # of a function's log: whose, since when, with which words
    functions: Mapping[str, str]  # those that stand between a message and its first sign, with their logs


@dataclass(frozen=True)
class Probe:
    name: str
    asks: str
    look: Callable[[Site], str]


def borrow(visitor: Visitor, services: Services, user_id: str, region: str) -> Reach:
    """As the bridge of a start does, of which there is the row, but no task; the start is over when this returns."""
    visitor.call("GET", "/status")  # a fresh stage is waited for here: a signature is good for a minute
    now, key = services.outside.clock, services.outside.new_secret()
    agents = services.rows.agents
    agent = agents.begin(agents.get(user_id), key, now())
    if agent is None:
        raise CheckFailed("The agent of this user is awake.")
    try:
        body = json.dumps({"userId": user_id}).encode()
        headers = sign(key, agent.epoch, Request("POST", PATH, body), now(), uuid.uuid4().hex)
        issued, _ = decode_credentials(visitor.call("POST", PATH, body, headers))
    finally:
        _end(agents, user_id, now())
    session = boto3.session.Session(
        issued.access_key_id, issued.secret_access_key, issued.session_token, region_name=region
    )
    return _bridge(session, services)


def _bridge(session: boto3.session.Session, services: Services) -> Reach:
    config = services.config
    return Reach(
        DynamoStore(lambda: make_client("dynamodb", session), config.table_prefix),
        SocketPush(
            lambda: make_client(
                "apigatewaymanagementapi", session, attempts=1, endpoint_url=config.websocket_callback_url
            ),
            services.outside.sleep,
        ),
    )


def _end(agents: Agents, user_id: str, now: datetime) -> None:
    if stopping := agents.expire(user_id, agents.get(user_id).epoch, now, None):
        agents.stopped(stopping, now)


def rows(site: Site) -> str:
    """A transaction over the user's own rows passes; one with somebody else's row is refused as a whole."""
    store = site.bridge().store
    store.write(_mark(site.user_id, "first"), Update(Table.USAGE, _own(site.user_id), set={"probe": "first"}))
    code = _refused(site, store)
    if (store.get(Table.TASK_STATE, agent_key(site.user_id)) or {}).get("probe") != "first":
        raise CheckFailed("Half of a transaction that was refused has been carried out.")
    return f"own rows are written, somebody else's refuse the whole transaction ({code})"


def _refused(site: Site, store: Store) -> str:
    """The code by which DynamoDB refuses a transaction with somebody else's row in it."""
    try:
        store.write(_mark(site.user_id, "second"), _mark(FOREIGN, "foreign"))
    except ClientError as error:
        if "AccessDenied" not in (code := str(error.response["Error"]["Code"])):
            raise CheckFailed(f"Somebody else's row is refused by {code}, not by AccessDenied: {error}") from None
        return code
    site.services.outside.store.write(Delete(Table.TASK_STATE, agent_key(FOREIGN)))
    raise CheckFailed("A bridge can write somebody else's row.")


def _mark(user_id: str, word: str) -> Update:
    return Update(Table.TASK_STATE, agent_key(user_id), set={"probe": word})


def _own(user_id: str) -> dict[str, str]:
    return {"userId": user_id, "sk": "probe"}


def gone(site: Site) -> str:
    """A page that left without a word is found out by a push, and forgotten with a bridge's rights."""
    bridge, now = site.bridge(), site.services.outside.clock
    connections = Connections(bridge.store)
    with site.visitor.opened() as socket:
        (connection,) = connections.of(site.user_id, now())
        if not bridge.push.send(connection, {"type": "pong"}):
            raise CheckFailed("A socket that is open is said to be gone.")
        socket.shutdown()  # type: ignore[no-untyped-call]
    for second in range(GONE_TRIES):
        if not bridge.push.send(connection, {"type": "pong"}):
            connections.forget_gone(Connection(connection, site.user_id), now() + timedelta(minutes=1))
            if connection in connections.of(site.user_id, now()):
                raise CheckFailed("The row of a socket that is gone stays.")
            return f"410 after {second} s, and its row is gone"
        site.services.outside.sleep(1)
    raise CheckFailed(f"After {GONE_TRIES} s a push to a socket that broke is still taken.")


def download(site: Site) -> str:
    """A file of the bucket comes by a signed address at once, in whatever region, however new the bucket is."""
    objects, body = site.services.outside.objects, b"probe" * 1000
    key = f"users/{site.user_id}/probe"
    objects.put(key, body)
    address = objects.presign(key, None, timedelta(minutes=5))
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            same, host = answer.read() == body, address.split("/")[2]
            redirected = answer.url != address
    except OSError as error:
        raise CheckFailed(f"A signed address is answered with: {error}") from None
    if redirected or not same:
        raise CheckFailed(f"{host} redirects, or gives something else.")
    return f"{host} gives the file, without a redirect"


def errors(site: Site) -> str:
    """An error of the app is no page of the cache's: the second call reaches the app again.

    By a status for which CloudFront does not heed what the app says against keeping: that its time is 0 must do it.
    """
    path = "/conversations/seven"
    first, second = (site.visitor.refusal(path) for _ in range(2))
    for status, headers in (first, second):
        if status != http.HTTPStatus.BAD_REQUEST:
            raise CheckFailed(f"What is no conversation's id is answered with {status}.")
        if "age" in headers:
            raise CheckFailed(f"The error comes out of the cache: Age is {headers['age']}.")
    number = "x-amzn-requestid"
    if first[1].get(number) == second[1].get(number):
        raise CheckFailed("Both errors have the number of one call, or none.")
    return f"{first[0]} twice, each from the app"


def policy(site: Site) -> str:
    """How much of what STS allows a bridge's session policy takes: only STS knows."""
    since = site.services.outside.clock() - timedelta(minutes=15)
    site.bridge()
    for _ in range(LOG_TRIES):
        found = packed(site.lines(site.functions["REST"], since, '"session policy"'))
        if found is not None:
            break
        site.services.outside.sleep(LOG_PAUSE)
    else:
        raise CheckFailed(f"The REST function's log does not say it within {LOG_TRIES * LOG_PAUSE} s.")
    if found > NEARLY_FULL:
        raise CheckFailed(f"It takes {found} % of what STS allows: a longer stage or bucket may be too much.")
    return f"it takes {found} % of what STS allows"


def cold(site: Site) -> str:
    """The first event of a fresh environment, by Lambda's own report."""
    since, found, slow = site.services.outside.clock() - COLD_DAYS, [], []
    for name, log in site.functions.items():
        reports = (INIT.search(line) for line in site.lines(log, since, '"Init Duration"'))
        seconds = [(float(each[1]) + float(each[2])) / 1000 for each in reports if each]
        found.append(f"{name} {median(seconds):.2f} s (n={len(seconds)})" if seconds else f"{name} has none yet")
        slow += [name] if seconds and median(seconds) > COLD_SECONDS else []
    said = f"median of a week: {', '.join(found)}"
    if slow:
        raise CheckFailed(f"{said}; over {COLD_SECONDS:.0f} s: {', '.join(slow)}.")
    return said


def quiet(site: Site) -> str:
    """A socket that was silent for nine minutes is still there."""
    with site.visitor.opened() as socket:
        site.services.outside.sleep(SOCKET_REST)
        socket.send(json.dumps({"type": "ping"}))
        answer = json.loads(socket.recv())
    if answer.get("type") != "pong":
        raise CheckFailed(f"The socket was not quiet, or does not answer a ping: {answer}.")
    return "it answers a ping after nine quiet minutes"


PROBES = (
    Probe("policy", "how full the policy is that cuts a bridge down to one user", policy),
    Probe("rows", "whether a bridge's transactions end at its user's rows", rows),
    Probe("gone", "how soon a page that broke off is known to be gone", gone),
    Probe("download", "whether a download works in this region", download),
    Probe("errors", "whether CloudFront keeps errors", errors),
    Probe("cold", "how long a function takes that nobody called for a while", cold),
    Probe("quiet", "whether a quiet socket lives for nine minutes (this takes as long)", quiet),
)
