"""Bugs that others shipped, each put back into one part. The simulation must find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.simulation import mutants_bridge as bridge
from tests.simulation import mutants_chat as chat
from tests.simulation import mutants_cloud as cloud
from tests.simulation import mutants_exchange as exchange
from tests.simulation.parts import Parts


@dataclass(frozen=True)
class Mutant:
    number: int  # in the list of bugs
    what: str
    parts: Callable[[], Parts]


MUTANTS: Mapping[str, Mutant] = {
    "two-starts": Mutant(1, "read the row, then RunTask", lambda: Parts(store=cloud.Unconditional, tasks=cloud.salted)),
    "answered-late": Mutant(
        2, "a doorbell that answers late starts a second task", lambda: Parts(services=cloud.Impatient)
    ),
    "no-address": Mutant(
        3,
        "running without an address, and the bridge only waits to be rung for",
        lambda: Parts(turns=bridge.OnlyRung, doorbell=cloud.Unlisted),
    ),
    "last-gasp": Mutant(4, "a dying task overwrites the live row with Idle", lambda: Parts(lifecycle=bridge.LastGasp)),
    "two-owners": Mutant(5, "a container is claimed by two people", lambda: Parts(tasks=cloud.shared)),
    "throttled-is-gone": Mutant(6, "a throttled DescribeTasks reads as no tasks", lambda: Parts(tasks=cloud.Hasty)),
    "activity-in-memory": Mutant(
        7,
        "only the time of the last message counts, and work does not touch it",
        lambda: Parts(services=cloud.ByTheClock, store=cloud.TimeAlone, bridge_store=bridge.Untouched),
    ),
    "scan-then-stop": Mutant(
        8,
        "idle when it was looked at, stopped whatever came since",
        lambda: Parts(services=cloud.ScanThenStop, lifecycle=bridge.NeverTired),
    ),
    "whole-item": Mutant(
        9, "a start writes the whole row and erases what others know", lambda: Parts(store=cloud.WholeItem)
    ),
    "no-lease": Mutant(10, "a claim that never ends", lambda: Parts(bridge_store=bridge.NoLease)),
    "busy-rejects": Mutant(11, "busy rejects instead of queues", lambda: Parts(services=cloud.Rejecting)),
    "one-buffer": Mutant(13, "two answers mix in one buffer", lambda: Parts(gateway=bridge.OneBuffer)),
    "refused-is-sent": Mutant(14, "a Telegram 400 counts as sent", lambda: Parts(phones=True, bot=chat.Shrugging)),
    "late-part": Mutant(
        0, "a part that comes after its message was begun is dropped", lambda: Parts(phones=True, services=chat.Hurried)
    ),
    "half-read": Mutant(
        0,
        "whoever begins a message takes it as it first was",
        lambda: Parts(phones=True, bridge_store=chat.HalfRead),
    ),
    "old-codes": Mutant(12, "a code is good for ever", lambda: Parts(phones=True, services=chat.Forgiving)),
    "guesses": Mutant(12, "codes may be guessed for ever", lambda: Parts(phones=True, services=chat.Patient)),
    "strangers": Mutant(20, "any stranger starts a container", lambda: Parts(phones=True, services=chat.Hospitable)),
    "update-twice": Mutant(
        18, "the same update twice is two messages", lambda: Parts(phones=True, services=chat.Forgetful)
    ),
    "closed-is-delivered": Mutant(
        15, "a push that failed counts as delivered", lambda: Parts(pages=cloud.CarelessPages, services=cloud.Careless)
    ),
    "retry-nobody-runs": Mutant(
        16, "the watchdog leaves it to others to start again", lambda: Parts(services=cloud.LeavesItToOthers)
    ),
    "wall-clock": Mutant(17, "order by wall clock", lambda: Parts(turns=bridge.ByWallClock)),
    "no-dedupe": Mutant(18, "the same message twice gives two answers", lambda: Parts(store=cloud.Forgetful)),
    "no-spot": Mutant(
        19, "no capacity: the row rests although a message waits", lambda: Parts(store=cloud.RestsAnyway)
    ),
    "anybody": Mutant(20, "a ticket can be used again by a stranger", lambda: Parts(store=cloud.Reusable)),
    "backup-over-good": Mutant(
        21, "a restore that failed counts as a new user", lambda: Parts(saver=bridge.StartsAnew)
    ),
    "held-for-ever": Mutant(
        0, "a backup waits for whoever holds a database", lambda: Parts(folder=bridge.WaitsForHolder)
    ),
    "waits-for-ever": Mutant(
        22, "the gateway's socket closes and the run waits for ever", lambda: Parts(gateway=bridge.Deaf)
    ),
    "deaf-while-asking": Mutant(
        0, "hears of Stop when OpenClaw has answered its question", lambda: Parts(openclaw=exchange.BlockedGateway)
    ),
    "sends-after-stop": Mutant(
        0, "sends the message, then hears of Stop", lambda: Parts(openclaw=exchange.UnstoppableGateway)
    ),
    "silent-is-dead": Mutant(
        25, "a silent model is taken for a dead gateway", lambda: Parts(openclaw=exchange.ImpatientGateway)
    ),
    "never-found-dead": Mutant(
        0,
        "each turn gives up its connection, and none finds OpenClaw dead",
        lambda: Parts(openclaw=exchange.HopefulGateway),
    ),
    "last-part": Mutant(
        0, "what is said before a tool is thrown away", lambda: Parts(openclaw=exchange.LastPartGateway)
    ),
    "other-after-crash": Mutant(
        0, "after a crash another text is committed than live", lambda: Parts(openclaw=exchange.OtherTextGateway)
    ),
    "loops-for-ever": Mutant(0, "a loop of tools has no bound", lambda: Parts(openclaw=exchange.TirelessGateway)),
    "half-thrown-away": Mutant(
        0, "an answer that breaks off is a notice alone", lambda: Parts(gateway=bridge.ThrowsHalfAway)
    ),
    "never-asks": Mutant(0, "idle is decided without asking OpenClaw", lambda: Parts(gateway=bridge.NeverAsks)),
    "sees-no-switch": Mutant(0, "starts again behind the kill switch", lambda: Parts(store=cloud.SeesNoSwitch)),
    "ignores-sigterm": Mutant(23, "PID 1 ignores SIGTERM", lambda: Parts(terminate=lambda lifecycle: None)),
    "ack-first": Mutant(0, "acknowledges before it accepts", lambda: Parts(services=cloud.AckFirst)),
    "no-pin": Mutant(0, "rings at whoever lives at the address", lambda: Parts(doorbell=cloud.Unpinned)),
    "no-right": Mutant(0, "reads what its session may not read", lambda: Parts(bridge_store=bridge.LooksWhose)),
    "no-right-either": Mutant(
        0, "a function reads what its role may not read", lambda: Parts(store=cloud.LooksFurther)
    ),
    "old-epoch": Mutant(0, "a commit that does not look at the epoch", lambda: Parts(bridge_store=bridge.AnyEpoch)),
    "lost-claim": Mutant(
        0, "a claim whose answer was lost is somebody else's", lambda: Parts(turns=bridge.ForgetsClaims)
    ),
}
