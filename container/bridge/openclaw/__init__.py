"""How the bridge talks to OpenClaw: its gateway, and the supervisor that starts it."""
