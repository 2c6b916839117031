"""Where one can stand on a room's floors, and the ways from place to place, stairs included."""
