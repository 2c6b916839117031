"""What a designer works with while writing: a scenario to start from, schemas for editors, drawings of states."""
