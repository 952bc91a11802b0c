"""Programs of the local product: started in order, watched, and ended with everything they started."""
