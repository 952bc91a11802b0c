"""One door to each AWS service: the only places of the driver that call it, with its errors told in our words."""
