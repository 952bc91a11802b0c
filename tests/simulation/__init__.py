"""The production code under simulated ports, a virtual clock and a seeded scheduler: one seed is one history."""
