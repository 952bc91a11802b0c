"""Shared by the Lambda functions, the bridge and local mode; imports neither chalice nor flask."""
