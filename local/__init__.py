"""The local product: everything on this machine, in the shape of production."""
