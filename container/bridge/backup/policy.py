"""What of the state folder an agent's memory is, and what is made anew by every start.

Everything is kept but what is named here, each with its reason: what OpenClaw or a skill will put there tomorrow is
more likely to matter than not.
"""

from __future__ import annotations

from collections.abc import Mapping

AT_THE_TOP: Mapping[str, str] = {
    "openclaw.json": "the supervisor writes it before every start; with it, OpenClaw's own copies of it",
    ".env": "OpenClaw would obey it at its start, as the next two; the supervisor removes them before every start",
    "extensions": "programs that OpenClaw would load",
    "hooks": "programs that OpenClaw would run",
    "npm": "plugins that OpenClaw would find and load, and in the next one",
    "git": "as npm",
    "logs": "of this machine",
    "tmp": "OpenClaw's locks and sockets; a lock of another machine would keep the next one from starting",
    "plugin-skills": "links into the installed package, which OpenClaw makes at every start",
}
ANYWHERE: Mapping[str, str] = {
    ".cache": "by its name what can be made again",
    "_cacache": "npm's downloads",
    "__pycache__": "Python's compiled modules",
    "node-compile-cache": "Node's compiled modules",
}
OURS = ("agents", "state")  # folders in which OpenClaw alone writes
LOCKS = (".lock", ".pid")  # there; in a workspace, yarn.lock is a file like any other


def is_state(path: str) -> bool:
    """`path` is relative to the state folder, with "/"; what is below a folder that is none is not asked about."""
    top, _, rest = path.partition("/")
    name = path.rpartition("/")[2]
    if not rest and any(top == each or top.startswith(f"{each}.") for each in AT_THE_TOP):
        return False
    return name not in ANYWHERE and not (top in OURS and name.endswith(LOCKS))


def is_openclaws(path: str) -> bool:
    """What the agent's memory is in: saved first, and rather as it was before than as it cannot be used."""
    return path.partition("/")[0] in OURS
