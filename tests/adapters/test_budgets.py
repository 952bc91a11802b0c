"""What AWS Budgets answers, as its documentation has it."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.adapters.budgets import AwsBudget

ARN = "arn:aws:budgets::123456789012:budget/serverless-openclaw-prod-eu-central-1"


class Budgets:
    def __init__(self, spent: str) -> None:
        self.spent = spent
        self.asked: dict[str, Any] = {}

    def describe_budget(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        amount = {"Amount": self.spent, "Unit": "USD"}
        return {
            "Budget": {"BudgetLimit": {"Amount": "10.0", "Unit": "USD"}, "CalculatedSpend": {"ActualSpend": amount}}
        }


@pytest.mark.parametrize(("spent", "is_spent"), [("0", False), ("9.999", False), ("10.0", True), ("10.000001", True)])
def test_a_budget_is_spent_at_its_limit(spent: str, is_spent: bool) -> None:
    client = Budgets(spent)
    assert AwsBudget(lambda: client, ARN).is_spent() is is_spent
    name = ARN.partition("/")[2]
    assert client.asked == {"AccountId": "123456789012", "BudgetName": name}
