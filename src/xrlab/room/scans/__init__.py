"""Scans: points from a laser scanner or a phone, thinned while they are read, become a mesh to train in."""
