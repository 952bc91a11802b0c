"""What comes from others: its hashes, its licences, its known holes; and whether a secret is in the history."""
