"""CloudFront: what browsers keep of the page is stale from now on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated


@dataclass(frozen=True)
class Distributions:
    client: Any

    def refresh(self, distribution: str, paths: tuple[str, ...], reference: str) -> None:
        with translated("refreshing the page"):
            self.client.create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": reference,
                },
            )
