"""The repositories: rows of the tables as values of the domain, transitions as conditional writes on a Store."""
