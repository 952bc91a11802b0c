"""What moto's API Gateway lacks for `chalice deploy`: Swagger 2.0, mock integrations, deployments of socket APIs."""

from __future__ import annotations

import copy
import json
import uuid
from typing import Any

from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends
from moto.apigatewayv2 import urls
from moto.apigatewayv2.responses import ApiGatewayV2Response

INTEGRATION = "x-amazon-apigateway-integration"
DEPLOYMENTS = "{0}/v2/apis/(?P<api_id>[^/]+)/deployments$"


def openapi(document: dict[str, Any]) -> dict[str, Any]:
    """Swagger 2.0 as the OpenAPI 3 that moto reads."""
    converted = copy.deepcopy(document)
    if converted.pop("swagger", None):
        converted["openapi"] = "3.0.1"
        converted["info"] = {"description": "", **converted.get("info", {})}
    for methods in converted.get("paths", {}).values():
        for method in methods.values():
            integration = method.get(INTEGRATION, {})
            if integration.get("type") == "mock":
                integration.setdefault("uri", "")
                integration.setdefault("httpMethod", "POST")
    return converted


def create_deployment(self: ApiGatewayV2Response) -> tuple[int, dict[str, str], str]:
    answer = {"deploymentId": uuid.uuid4().hex[:6], "deploymentStatus": "DEPLOYED", "autoDeployed": False}
    return 201, {}, json.dumps(answer)


def install() -> None:
    put, imported = APIGatewayBackend.put_rest_api, APIGatewayBackend.import_rest_api

    def put_swagger(self: Any, function_id: str, api_doc: dict[str, Any], *rest: Any, **options: Any) -> Any:
        self.get_rest_api(function_id).gateway_responses.clear()  # overwritten, as all that the document has not
        return put(self, function_id, openapi(api_doc), *rest, **options)

    create = RestAPI.create_from_cloudformation_json

    def create_regional(name: str, asked: dict[str, Any], *rest: Any, **options: Any) -> RestAPI:
        api = create(name, asked, *rest, **options)
        api.endpoint_configuration = {"types": asked["Properties"]["EndpointConfiguration"]["Types"]}
        return api

    def import_swagger(self: Any, api_doc: dict[str, Any], *rest: Any) -> Any:
        return imported(self, openapi(api_doc), *rest)

    APIGatewayBackend.put_rest_api = put_swagger  # type: ignore[method-assign]
    APIGatewayBackend.import_rest_api = import_swagger  # type: ignore[assignment,method-assign]

    def delete_api(self: RestAPI, account_id: str, region: str) -> None:
        apigateway_backends[account_id][region].delete_rest_api(self.id)

    RestAPI.delete = delete_api  # type: ignore[attr-defined]
    RestAPI.create_from_cloudformation_json = create_regional  # type: ignore[assignment,method-assign]
    ApiGatewayV2Response.create_deployment = create_deployment  # type: ignore[attr-defined]
    urls.url_paths[DEPLOYMENTS] = ApiGatewayV2Response.dispatch
