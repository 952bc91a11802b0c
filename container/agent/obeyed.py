"""What OpenClaw obeys at its start beside our configuration: removed before each, whoever has written it.

The agent's own hands reach all of its state folder. One file there could send every prompt elsewhere, or have a program
run with each start, through backups and restores for ever.
"""

from __future__ import annotations

from pathlib import Path

from container.files import list_below, remove_below

AT_THE_TOP = (
    *(".env", "extensions", "hooks", "home/.openclaw/.env", "workspace/.openclaw/extensions"),
    *("npm", "git"),  # where OpenClaw installs plugins, and finds those that it does not know yet
)
COPIES = "openclaw.json."  # else OpenClaw takes its own copy for the good one and throws ours away
OF_AN_AGENT = ("agent/models.json",)  # another address for a provider


def remove_obeyed(state: Path) -> list[str]:
    """While no OpenClaw runs. No link is followed. What of it OpenClaw does not make by itself, by its path."""
    copies = [name for name in list_below(state, "") if name.startswith(COPIES)]
    agents = [f"agents/{agent}/{path}" for agent in list_below(state, "agents") for path in OF_AN_AGENT]
    planted = [path for path in AT_THE_TOP if path.rpartition("/")[2] in list_below(state, path.rpartition("/")[0])]
    for path in (*AT_THE_TOP, *copies, *agents):
        remove_below(state, path)
    return planted
