"""What a person can ask the driver for: `python -m infra COMMAND`."""
