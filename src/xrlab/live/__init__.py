"""A run before people's eyes: the window, the clock, the trainee's devices, the instructor's hand."""
