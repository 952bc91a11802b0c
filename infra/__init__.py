"""The cloud side's infrastructure: two CloudFormation templates, and the driver behind `make deploy`."""
