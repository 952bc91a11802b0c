"""What API Gateway itself refuses, in our shape: a deploy gives it these templates, a laptop answers by them.

Other kinds fall back to the two defaults; of those with 4xx that can happen here all are 403, a route that is not there
among them. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from collections.abc import Mapping

MESSAGE = "$context.error.messageString"  # API Gateway's own words, as a string of JSON

_CODES = {
    "UNAUTHORIZED": "not_allowed",
    "BAD_REQUEST_BODY": "invalid_message",
    "REQUEST_TOO_LARGE": "too_large",
    "THROTTLED": "rate_limited",
    "QUOTA_EXCEEDED": "rate_limited",
    "DEFAULT_4XX": "not_allowed",
    "DEFAULT_5XX": "internal",
}
TEMPLATES: Mapping[str, str] = {kind: f'{{"code":"{code}","message":{MESSAGE}}}' for kind, code in _CODES.items()}
