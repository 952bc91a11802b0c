"""CloudFront: what browsers keep of the page is stale from now on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless

NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's policy CachingDisabled


@dataclass(frozen=True)
class Distributions:
    client: Any

    def try_out(self, comment: str) -> None:
        """Makes one that is switched off, which costs nothing: whether the account may have any, nothing else tells."""
        origin = {
            "Id": "none",
            "DomainName": "example.com",
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        }
        asked = {
            "CallerReference": comment,
            "Comment": comment,
            "Enabled": False,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "none",
                "ViewerProtocolPolicy": "https-only",
                "CachePolicyId": NO_CACHE,
            },
        }
        with unless("DistributionAlreadyExists"), translated("trying CloudFront"):
            self.client.create_distribution(DistributionConfig=asked)

    def named(self, comment: str) -> list[dict[str, str]]:
        """`Id` and `Status` of each that has this comment."""
        with translated("listing the distributions"):
            pages = self.client.get_paginator("list_distributions").paginate()
            found = [each for page in pages for each in page["DistributionList"].get("Items", [])]
        return [each for each in found if each["Comment"] == comment]

    def drop_trial(self, comment: str) -> None:
        """If it is everywhere by now: CloudFront deletes none before."""
        for each in self.named(comment):
            if each["Status"] == "Deployed":
                with translated("deleting the distribution that CloudFront was tried with"):
                    etag = self.client.get_distribution(Id=each["Id"])["ETag"]
                    self.client.delete_distribution(Id=each["Id"], IfMatch=etag)

    def refresh(self, distribution: str, paths: tuple[str, ...], reference: str) -> None:
        with translated("refreshing the page"):
            self.client.create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                    "CallerReference": reference,
                },
            )
