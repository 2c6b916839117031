"""What the designer wrote: the scenario document, its conditions, and the checks that need the room."""
