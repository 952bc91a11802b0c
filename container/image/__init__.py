"""What runs while the image is built, and never in it."""
