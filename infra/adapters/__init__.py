"""One adapter for each AWS service, and for what else the driver calls; their errors are the driver's."""
