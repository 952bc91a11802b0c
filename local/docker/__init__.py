"""Tasks as containers: which image, under which limits, by which Docker Engine."""
