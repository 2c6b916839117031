"""OpenGL: poses and rooms in, pictures out; a window or no display at all."""
