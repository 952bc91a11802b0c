"""The steps of a deploy: each does one thing, and may be done twice."""
