"""`cost`: what a month costs, as a table; with --markdown as docs/costs.md."""

from __future__ import annotations

from chalicelib.domain.cost import PRICES_OF, USES, Use, month, total

INTRODUCTION = f"""# What it costs

Prices of {PRICES_OF} in us-east-1, US dollars, before tax, without the free tiers that end after a year. The model's
provider bills by itself. This page is made by `python -m infra cost --markdown` from `chalicelib/domain/cost.py`, where
every price and every assumption has a name; your own prices and hours go there.
"""
NOTES = """
## What keeps it low

- Nothing that costs by the hour runs while nobody speaks: no NAT gateway, no load balancer, no idle task.
- A task is on Spot first, at about three tenths of the price, and falls asleep after fifteen quiet minutes.
  Work of OpenClaw's own keeps it awake for at most eight hours (a setting) after the last message or the start.
- What a task does pay for while it runs is its machine and a public address; both end with it.
- What a backup replaces or deletes stays in the bucket for 30 days as an old version, and costs what any object of its
  size does; then it goes, and the marker of its deletion with it. The items above have only what a backup holds.
- The budget warns at 50, 80 and 100 percent; it is the `MonthlyBudget` parameter of the alarms' stack.

## Where it outgrows one account

At 10,000 users with two hours a day each, some 830 tasks run at once. Ask AWS, before that, for more Fargate vCPUs (one
for each task), RunTask calls, API Gateway requests (sockets' frames, pushes and REST share one limit), new sockets a
second, and functions at once. Two subnets of 16,384 addresses are enough.
"""


def table(use: Use) -> str:
    items = month(use)
    rows = [f"| {item.name} | {item.amount} | {item.dollars:.3f} |" for item in items]
    head = ["| item | how much | $ |", "|---|---|---:|"]
    return "\n".join([*head, *rows, f"| **a month** | | **{total(items):.2f}** |"])


def markdown() -> str:
    parts = [f"## {use.name}\n\n{table(use)}\n" for use in USES]
    return "\n".join([INTRODUCTION, *parts]) + NOTES


def plain() -> str:
    lines: list[str] = []
    for use in USES:
        lines += ["", f"{use.name}: ${total(month(use)):.2f} a month"]
        lines += [f"  {item.dollars:8.3f}  {item.name}: {item.amount}" for item in month(use)]
    return "\n".join(lines[1:])
