"""The bridge: sits beside OpenClaw, takes messages out of the inbox and brings answers back."""
