"""Renders openclaw.json: loopback only, nothing that phones home, nothing that spends money unasked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from container.agent.config import AgentConfig
from container.agent.relay import KEY_NAMES, Relay

Json = dict[str, Any]

# 2026.9.6 retries a 429 for 138 s and a 500 for 85 s before it says a word. No key of openclaw.json changes
# that; the settings file of its embedded agent does (docs/concepts/retry.md of the package).
MAX_RETRIES = 2
MOST_TEXT_CHARS = 500_000  # more than an upload can have
PLUGINS = ["anthropic", "openai", "google", "openrouter"]
# Plugins that OpenClaw installs from npm at every start with that provider's key, if they are not denied.
INSTALLED = {"deepseek": "deepseek", "openrouter": "perplexity"}
RUN_SECONDS = 4 * 3600  # the longest that a run may take, tools included; the bridge ends a turn of its own earlier
MODEL_SECONDS = 900  # a model may say nothing for so long; OpenClaw's own default is 120
# Where nobody sees the question it waits for a quarter of an hour, and the person's answer waits behind it.
DENIED_TOOLS = ["ask_user"]
# Always: else what stands in a list of OpenClaw's own, which an agent may have written, would run unasked.
GUARDED: Json = {"exec": {"security": "allowlist", "ask": "always"}, "fs": {"workspaceOnly": True}}


def render_openclaw_json(config: AgentConfig, relay: Relay | None = None, *, guarded: bool = False) -> Json:
    """`guarded`: commands wait for their owner, and files are those of the workspace; jobs in the background too."""
    providers = relay.providers if relay else ()
    return {
        "gateway": _build_gateway(config.gateway_port),
        "discovery": {"mdns": {"mode": "off"}},
        "update": {"checkOnStart": False},
        "telemetry": {"enabled": False},
        "cron": {"enabled": True},
        "browser": {"enabled": False},
        "memory": {"search": {"enabled": False}},
        "session": {"notifyOnCreate": False},
        "skills": {"workshop": {"autonomous": {"mode": "off"}}, "load": {"watch": False}},
        "logging": _build_logging(config.state_dir),
        "plugins": _build_plugins(providers),
        "tools": {"deny": DENIED_TOOLS, "loopDetection": {"enabled": True}, **(GUARDED if guarded else {})},
        "agents": {
            "defaults": _build_agent(config.model, providers),
            "entries": {"main": {}},
        },  # it would add the latter
        "models": _build_models(config, relay),
    }


def resolve_keys(openclaw_json: Json, relay: Relay | None) -> Json:
    """As OpenClaw reads it: the names of variables replaced by their values."""
    text = json.dumps(openclaw_json)
    for name, token in (relay.tokens if relay else {}).items():
        text = text.replace(f"${{{name}}}", json.dumps(token)[1:-1])
    resolved: Json = json.loads(text)
    return resolved


def render_agent_settings() -> Json:
    """The embedded agent's settings.json: what else somebody wrote there does not stay."""
    return {"retry": {"provider": {"maxRetries": MAX_RETRIES}}}


def _build_gateway(port: int) -> Json:
    return {
        "mode": "local",
        "bind": "loopback",
        "port": port,
        "auth": {"mode": "token"},
        "reload": {"mode": "off"},  # it asks a new file for this, so that the supervisor puts ours back as well
        "controlUi": {"enabled": False},
        "terminal": {"enabled": False},
        # The endpoint stays off; OpenClaw cuts the texts of a message at its limit, 60,000 by default.
        "http": {"endpoints": {"responses": {"enabled": False, "files": {"maxChars": MOST_TEXT_CHARS}}}},
    }


def _build_logging(state_dir: Path) -> Json:
    """On the console warnings only, and of the console its errors are all we log: answers are printed there too."""
    file = str(state_dir / "logs" / "openclaw.log")
    return {"consoleLevel": "warn", "level": "info", "file": file, "maxFileBytes": 5_000_000}


def _build_plugins(providers: Sequence[str]) -> Json:
    dreaming = {"memory-core": {"config": {"dreaming": {"enabled": False}}}}  # an LLM run every night at 3
    denied = [plugin for provider, plugin in INSTALLED.items() if provider in providers]
    return {"allow": PLUGINS, "deny": denied, "entries": dreaming}


def _build_agent(model: str, providers: Sequence[str]) -> Json:
    return {
        "skipBootstrap": True,
        "heartbeat": {"every": "0m"},
        "model": {"primary": model},
        # Else a conversation may choose the default model only.
        "models": {f"{name}/*": {} for name in providers},
        "utilityModel": "",  # else every turn has a cheap model of the provider write a recap that nobody reads
        "timeoutSeconds": RUN_SECONDS,
    }


def _build_models(config: AgentConfig, relay: Relay | None) -> Json:
    names, url = (relay.providers, relay.demo_url) if relay else ((), config.demo_model_url)
    providers: Json = {name: {"models": []} for name in PLUGINS if name in names}
    if "openai" in providers:
        providers["openai"]["agentRuntime"] = {"id": "openclaw"}
    if "deepseek" in names:
        providers["deepseek"] = _build_deepseek()
    if relay:
        for provider in providers.values():
            provider["request"] = _build_request(relay.url)
    if url:
        providers["demo"] = _build_demo(url)
    for provider in providers.values():
        provider["timeoutSeconds"] = MODEL_SECONDS
    return {"mode": "merge", "catalogRefresh": {"enabled": False}, "providers": providers}


def _build_request(url: str) -> Json:
    """OpenClaw goes on speaking to the provider's own address: with another one it leaves out reasoning and caching."""
    return {"proxy": {"mode": "explicit-proxy", "url": url}, "allowPrivateNetwork": True}


def _build_demo(url: str) -> Json:
    free = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}
    model = {
        "id": "demo-1",
        "name": "Demo",
        "contextWindow": 128000,
        "maxTokens": 4096,
        "input": ["text"],
        "reasoning": False,
        "cost": free,
    }
    # No apiKey: an inline key is disabled for a minute after one 401, and a local address needs none.
    return {"baseUrl": url, "api": "anthropic-messages", "models": [model]}


def _build_deepseek() -> Json:
    return {
        "baseUrl": "https://api.deepseek.com",
        "api": "openai-completions",
        "apiKey": f"${{{KEY_NAMES['deepseek']}}}",  # OpenClaw reads it from its environment
        "models": [
            {"id": "deepseek-chat", "name": "DeepSeek Chat"},
            {"id": "deepseek-reasoner", "name": "DeepSeek Reasoner", "reasoning": True},
        ],
    }
