"""glTF as it is found: unpacked and checked before it is believed, with what designers mark in Blender."""
