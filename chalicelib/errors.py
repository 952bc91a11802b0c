"""What can go wrong, in two trees: what a person is told, and what steers the program.

The class is the fact, the message what was got and what was possible.
"""

from __future__ import annotations


class ServiceError(Exception):
    """What a person is told; `code` is what the browser sees, `retryable` whether the same request may work later."""

    code = "internal"
    retryable = False


class InvalidMessage(ServiceError):
    """A frame or a body that cannot be understood."""

    code = "invalid_message"


class MessageTooLarge(ServiceError):
    """More text than one message may carry."""

    code = "too_large"


class NotAllowed(ServiceError):
    """A ticket, an origin or a signature that does not hold."""

    code = "not_allowed"


class SignedOut(NotAllowed):
    """An identity of before its user signed out everywhere; only another sign-in helps."""

    code = "signed_out"

    def __init__(self) -> None:
        super().__init__("you were signed out everywhere; sign in again")


class NotFound(ServiceError):
    """Something that is not there, or not the caller's."""

    code = "not_found"


class AgentBusy(ServiceError):
    """The agent has work, so it cannot be put to sleep."""

    code = "agent_busy"
    retryable = True


class RateLimited(ServiceError):
    """More than one user's share; nothing was kept, and the same request may pass after so many seconds."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.retry_after = seconds


class DamagedBackup(ServiceError):
    """A backup that cannot be restored: something is missing, or not what was written."""


class AgentUnavailable(ServiceError):
    """The agent cannot be started or reached now."""

    code = "agent_unavailable"
    retryable = True


class NoCapacity(AgentUnavailable):
    """AWS said for certain that it starts nothing now."""


class StartRefused(AgentUnavailable):
    """AWS starts nothing for us, for a reason that does not pass by itself; the message is its own words."""


class StorageUnavailable(AgentUnavailable):
    """S3 did not do it, and may later."""


class ChatUnavailable(AgentUnavailable):
    """The chat's provider did not answer: the call may have had its effect or not."""


class ChatBusy(ChatUnavailable):
    """The chat takes nothing for so many seconds; the call certainly had no effect."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the chat takes nothing for {seconds:g} s")
        self.seconds = seconds


class ChatRefused(NotAllowed):
    """The chat's provider says no, and will say so again."""


class MarkupRefused(ChatRefused):
    """It cannot read the markup: the same text without it may pass."""


class MessageGone(ChatRefused):
    """The message that was to be edited is not there."""


class ChatGone(ChatRefused):
    """There is no such chat, or its person wants nothing from us any more."""


class ControlError(Exception):
    """What steers the program; it reaches no person."""


class ConfigError(ControlError):
    """An environment value the program cannot start with."""


class ConditionFailed(ControlError):
    """A conditional write found another state than it demanded."""


class Unstorable(ControlError):
    """The tables refuse what is to be written, and will again: too large, or not in their language."""


class Fenced(ControlError):
    """This container's epoch is over: another one owns the user now."""
