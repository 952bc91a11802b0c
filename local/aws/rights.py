"""What a request asks for, as IAM names it: the actions, on which ARNs, and what a policy's conditions look at."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote
from wsgiref.types import WSGIEnvironment

from chalicelib.adapters.tables import hash_key
from chalicelib.store import Table
from local.aws.policy import Call
from local.names import ACCOUNT, BUCKET, REGION, START_ROLE_ARN, TABLE_PREFIX
from local.web import read_body

Asked = Callable[[WSGIEnvironment], list[Call]]
Fields = Mapping[str, Any]
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject", "DELETE": "DeleteObject"}
LISTING = {"list-type", "prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type"}
UPLOAD = {"DELETE": "s3:AbortMultipartUpload", "GET": "s3:ListMultipartUploadParts"}
EQUALS = re.compile(r"(\w+) = (:\w+)")
HERE = f"{REGION}:{ACCOUNT}"


def asked_of_dynamodb(environ: WSGIEnvironment) -> list[Call]:
    """A transaction is each of its writes, as there is no right to transactions."""
    verb, fields = _verb(environ), _fields(environ)
    if verb != "TransactWriteItems":
        return [_row(verb, fields)]
    return [_row(WRITES[kind], part) for item in fields["TransactItems"] for kind, part in item.items()]


def _row(verb: str, fields: Fields) -> Call:
    table = str(fields.get("TableName", ""))
    index = f"/index/{fields['IndexName']}" if "IndexName" in fields else ""
    leading = _leading(table, fields) if table and not index else None
    context = {"dynamodb:LeadingKeys": (leading,)} if leading else {}
    return Call(f"dynamodb:{verb}", f"arn:aws:dynamodb:{HERE}:table/{table}{index}", context)


def _leading(table: str, fields: Fields) -> str | None:
    """The partition that is asked for; none for a scan."""
    name = hash_key(Table(table.removeprefix(TABLE_PREFIX)))
    if key := fields.get("Key") or fields.get("Item"):
        return str(key[name]["S"])
    equals = EQUALS.match(str(fields.get("KeyConditionExpression", "")))
    return str(fields["ExpressionAttributeValues"][equals[2]]["S"]) if equals and equals[1] == name else None


def asked_of_ssm(environ: WSGIEnvironment) -> list[Call]:
    """What is encrypted is decrypted with the caller's rights."""
    verb, fields = _verb(environ), _fields(environ)
    names = [fields["Name"]] if "Name" in fields else fields.get("Names", [""])
    places = [f"arn:aws:ssm:{HERE}:parameter{name}" for name in names]
    calls = [Call(f"ssm:{verb}", place) for place in places]
    if fields.get("WithDecryption"):
        key, context = f"arn:aws:kms:{HERE}:key/aws-ssm", "kms:EncryptionContext:PARAMETER_ARN"
        calls += [Call("kms:Decrypt", key, {context: (place,)}) for place in places]
    return calls


def asked_of_ecs(environ: WSGIEnvironment) -> list[Call]:
    """A task is started with a role of ECS's, which the caller hands over."""
    verb, fields = _verb(environ), _fields(environ)
    within = {"ecs:cluster": (_arn("cluster", fields.get("cluster", "")),)}
    if verb == "RunTask":
        started = Call("ecs:RunTask", _arn("task-definition", fields.get("taskDefinition", ""), ":1"), within)
        return [started, Call("iam:PassRole", START_ROLE_ARN, {"iam:PassedToService": ("ecs-tasks.amazonaws.com",)})]
    tasks = fields.get("tasks") or [fields.get("task", "*")]
    return [Call(f"ecs:{verb}", _arn("task", task), within) for task in tasks]


def _arn(kind: str, name: str, newest: str = "") -> str:
    return name if name.startswith("arn:") else f"arn:aws:ecs:{HERE}:{kind}/{name}{newest}"


def asked_of_sts(environ: WSGIEnvironment) -> list[Call]:
    fields = parse_qs(read_body(environ).decode())
    return [Call(f"sts:{fields.get('Action', [''])[0]}", fields.get("RoleArn", ["*"])[0])]


def asked_of_s3(environ: WSGIEnvironment) -> list[Call]:
    bucket, _, key = str(environ["PATH_INFO"]).encode("latin-1").decode().lstrip("/").partition("/")
    query = parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    arn = f"arn:aws:s3:::{bucket}"
    return list(_of_object(environ, f"{arn}/{key}", query) if key else _of_bucket(environ, arn, query))


def _of_bucket(environ: WSGIEnvironment, arn: str, query: Mapping[str, list[str]]) -> Iterator[Call]:
    method = environ["REQUEST_METHOD"]
    if method == "POST" and "delete" in query:
        for key in re.findall(r"<Key>(.*?)</Key>", read_body(environ).decode(), re.DOTALL):
            yield Call("s3:DeleteObject", f"{arn}/{html.unescape(key)}")
    elif method == "GET" and "uploads" in query:
        yield Call("s3:ListBucketMultipartUploads", arn)
    elif method in ("GET", "HEAD") and set(query) <= LISTING:
        yield Call("s3:ListBucket", arn, {"s3:prefix": tuple(query["prefix"])} if "prefix" in query else {})
    else:
        yield Call(f"s3:{method.title()}Bucket", arn)


def _of_object(environ: WSGIEnvironment, arn: str, query: Mapping[str, list[str]]) -> Iterator[Call]:
    method = str(environ["REQUEST_METHOD"])
    if "uploadId" in query and method in UPLOAD:
        yield Call(UPLOAD[method], arn)
        return
    own = next((name for name in ("tagging", "acl", "retention") if name in query), "")
    yield Call(f"s3:{OBJECT[method]}{own.title()}", arn)
    if "HTTP_X_AMZ_TAGGING" in environ:
        yield Call("s3:PutObjectTagging", arn)
    if source := environ.get("HTTP_X_AMZ_COPY_SOURCE"):
        yield Call("s3:GetObject", f"arn:aws:s3:::{unquote(str(source)).lstrip('/')}")


def asked_of_form(fields: Mapping[str, str]) -> list[Call]:
    """Of whoever signed it."""
    arn = f"arn:aws:s3:::{BUCKET}/{fields.get('key', '')}"
    tagged = [Call("s3:PutObjectTagging", arn)] if "tagging" in fields else []
    return [Call("s3:PutObject", arn), *tagged]


def may_list(environ: WSGIEnvironment) -> Call:
    """The right without which S3 says "forbidden" of an object that is not there."""
    return Call("s3:ListBucket", f"arn:aws:s3:::{str(environ['PATH_INFO']).lstrip('/').partition('/')[0]}")


def _verb(environ: WSGIEnvironment) -> str:
    return str(environ["HTTP_X_AMZ_TARGET"]).rpartition(".")[2]


def _fields(environ: WSGIEnvironment) -> Fields:
    fields: Fields = json.loads(read_body(environ) or b"{}")
    return fields
