"""AWS Budgets: whether this month's money is spent.

AWS brings the number up to date a few times a day, up to half a day late, and has it in one region only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

REGION = "us-east-1"


@dataclass(frozen=True)
class AwsBudget:
    """Implements the port `Budget`. `arn`: arn:aws:budgets::<account>:budget/<name>."""

    connect: Callable[[], Any]
    arn: str

    def is_spent(self) -> bool:
        """Raises ClientError and BotoCoreError."""
        account, _, name = self.arn.split("::", 1)[1].partition(":budget/")
        budget = self.connect().describe_budget(AccountId=account, BudgetName=name)["Budget"]
        spent = budget["CalculatedSpend"]["ActualSpend"]["Amount"]
        return Decimal(spent) >= Decimal(budget["BudgetLimit"]["Amount"])
