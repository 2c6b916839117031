"""The simulation: what is where at any time, what happens next, and the one ordered stream of events."""
