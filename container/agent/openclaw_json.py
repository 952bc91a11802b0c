"""OpenClaw's configuration: loopback only, nothing that phones home, nothing that spends money unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from container.agent.config import PROVIDER_KEYS, Settings

Config = dict[str, Any]

# 2026.9.6 retries a 429 for 138 s and a 500 for 85 s before it says a word. No key of openclaw.json changes
# that; the settings file of its embedded agent does (docs/concepts/retry.md of the package).
MAX_RETRIES = 2
PLUGINS = ["anthropic", "openai", "google", "openrouter"]


def build_config(settings: Settings) -> Config:
    return {
        "gateway": _build_gateway(settings.gateway_port),
        "discovery": {"mdns": {"mode": "off"}},
        "update": {"checkOnStart": False},
        "telemetry": {"enabled": False},
        "cron": {"enabled": True},
        "browser": {"enabled": False},
        "memory": {"search": {"enabled": False}},
        "session": {"notifyOnCreate": False},
        "skills": {"workshop": {"autonomous": {"mode": "off"}}, "load": {"watch": False}},
        "logging": _build_logging(settings.state_dir),
        "plugins": _build_plugins("deepseek" in settings.provider_keys),
        "agents": {"defaults": _build_agent(settings.model), "entries": {"main": {}}},  # it would add the latter
        "models": _build_models(settings),
    }


def resolve(config: Config, settings: Settings) -> Config:
    """As OpenClaw reads it: the names of variables replaced by their values."""
    text = json.dumps(config)
    for provider, key in settings.provider_keys.items():
        text = text.replace(f"${{{PROVIDER_KEYS[provider]}}}", json.dumps(key)[1:-1])
    resolved: Config = json.loads(text)
    return resolved


def build_agent_settings(existing: str) -> Config:
    """The embedded agent's settings.json with our retry budget in it; what else stands there stays."""
    try:
        kept = json.loads(existing)
    except ValueError:
        kept = {}
    if not isinstance(kept, dict):
        kept = {}
    return kept | {"retry": {"provider": {"maxRetries": MAX_RETRIES}}}


def _build_gateway(port: int) -> Config:
    return {
        "mode": "local",
        "bind": "loopback",
        "port": port,
        "auth": {"mode": "token"},
        "controlUi": {"enabled": False},
        "terminal": {"enabled": False},
    }


def _build_logging(state_dir: Path) -> Config:
    """On the console warnings only, and of the console its errors are all we log: answers are printed there too."""
    file = str(state_dir / "logs" / "openclaw.log")
    return {"consoleLevel": "warn", "level": "info", "file": file, "maxFileBytes": 5_000_000}


def _build_plugins(deepseek: bool) -> Config:
    dreaming = {"memory-core": {"config": {"dreaming": {"enabled": False}}}}  # an LLM run every night at 3
    denied = ["deepseek"] if deepseek else []  # else every start with this key installs a plugin from npm
    return {"allow": PLUGINS, "deny": denied, "entries": dreaming}


def _build_agent(model: str) -> Config:
    return {
        "skipBootstrap": True,
        "heartbeat": {"every": "0m"},
        "model": {"primary": model},
        "models": {},
    }


def _build_models(settings: Settings) -> Config:
    providers: Config = {}
    if settings.demo_model_url:
        providers["demo"] = _build_demo(settings.demo_model_url)
    if "openai" in settings.provider_keys:
        providers["openai"] = {"agentRuntime": {"id": "openclaw"}, "models": []}
    if "deepseek" in settings.provider_keys:
        providers["deepseek"] = _build_deepseek()
    return {"mode": "merge", "catalogRefresh": {"enabled": False}, "providers": providers}


def _build_demo(url: str) -> Config:
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


def _build_deepseek() -> Config:
    return {
        "baseUrl": "https://api.deepseek.com",
        "api": "openai-completions",
        "apiKey": f"${{{PROVIDER_KEYS['deepseek']}}}",  # OpenClaw reads it from its environment
        "models": [
            {"id": "deepseek-chat", "name": "DeepSeek Chat"},
            {"id": "deepseek-reasoner", "name": "DeepSeek Reasoner", "reasoning": True},
        ],
    }
