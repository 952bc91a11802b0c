"""An AWS account on loopback: moto with what it lacks for our templates, `chalice deploy` and deployed zips."""
