"""From any file to one `Room`: what is drawn, what stops a bullet, what blocks sight, where one can stand."""

from xrlab.room.load import load_room
from xrlab.room.model import Door, Light, Point, Room, Surface
from xrlab.room.zones import Zone

__all__ = ["Door", "Light", "Point", "Room", "Surface", "Zone", "load_room"]
