"""CodeBuild: an image where there is no Docker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated


@dataclass(frozen=True)
class Build:
    phase: str
    status: str
    log: str

    @property
    def ended(self) -> bool:
        return self.status != "IN_PROGRESS"


@dataclass(frozen=True)
class Builds:
    client: Any

    def start(self, project: str, source: str, tag: str) -> str:
        """Its id. `source` is bucket/key of the zip."""
        variables = [{"name": "TAG", "value": tag, "type": "PLAINTEXT"}]
        with translated("starting the build"):
            answer = self.client.start_build(
                projectName=project,
                sourceTypeOverride="S3",
                sourceLocationOverride=source,
                environmentVariablesOverride=variables,
            )
        return str(answer["build"]["id"])

    def look(self, build_id: str) -> Build:
        with translated("looking at the build"):
            found = self.client.batch_get_builds(ids=[build_id])["builds"][0]
        return Build(found.get("currentPhase", ""), found["buildStatus"], found.get("logs", {}).get("deepLink", ""))
