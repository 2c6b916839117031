"""A run before people's eyes: the window, the clock, the trainee's devices, the instructor's hand."""

from xrlab.live.window import run_live

__all__ = ["run_live"]
