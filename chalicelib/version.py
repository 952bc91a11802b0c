"""Which version of the product this is; CHANGELOG.md says what came with it."""

VERSION = "0.1.0"
