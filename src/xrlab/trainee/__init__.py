"""Where a trainee's input comes from: a script, a desktop window. The engine can't tell them apart."""
