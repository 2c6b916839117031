"""A small building model made by ifcopenshell: two rooms, a porch slab, doors, windows, stairs, furniture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def at(x: float, y: float, z: float = 0.0, yaw_deg: float = 0.0) -> Matrix:
    """A placement in metres."""
    c, s = math.cos(math.radians(yaw_deg)), math.sin(math.radians(yaw_deg))
    return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, z], [0, 0, 0, 1]], float)


class House:
    """Builds a model, part by part. unit: MILLIMETERS or METERS."""

    def __init__(self, unit: str = "MILLIMETERS", schema: str = "IFC4") -> None:
        from ifcopenshell.api import run

        self.run = run
        self.file = run("project.create_file", version=schema)
        if schema == "IFC2X3":  # there everything has an owner
            person = run("owner.add_person", self.file, identification="t", family_name="Test", given_name="T")
            firm = run("owner.add_organisation", self.file, identification="T", name="Test")
            run("owner.add_person_and_organisation", self.file, person=person, organisation=firm)
            run("owner.add_application", self.file)
        project = run("root.create_entity", self.file, ifc_class="IfcProject", name="Test")
        if unit == "METERS":
            run("unit.assign_unit", self.file, length={"is_metric": True, "raw": "METERS"})
        else:
            run("unit.assign_unit", self.file, length={"is_metric": True, "raw": unit})
        model = run("context.add_context", self.file, context_type="Model")
        self.body = run("context.add_context", self.file, context_type="Model", context_identifier="Body",
                        target_view="MODEL_VIEW", parent=model)  # fmt: skip
        site, building, self.storey = (
            run("root.create_entity", self.file, ifc_class=c, name=n)
            for c, n in (("IfcSite", "Site"), ("IfcBuilding", "Small House"), ("IfcBuildingStorey", "Ground floor"))
        )
        for part, whole in ((site, project), (building, site), (self.storey, building)):
            run("aggregate.assign_object", self.file, products=[part], relating_object=whole)
        self.k = 1000.0 if unit == "MILLIMETERS" else 1.0
        self._materials: dict[str, Any] = {}

    def add(self, kind: str, name: str, placed: Matrix, material: str = "", **attributes: Any) -> Any:
        """A product without shape yet."""
        thing = self.run("root.create_entity", self.file, ifc_class=kind, name=name)
        for key, value in attributes.items():
            setattr(thing, key, value)
        self.run("geometry.edit_object_placement", self.file, product=thing, matrix=placed)
        if kind == "IfcSpace":
            self.run("aggregate.assign_object", self.file, products=[thing], relating_object=self.storey)
        elif kind != "IfcOpeningElement":
            self.run("spatial.assign_container", self.file, products=[thing], relating_structure=self.storey)
        if material:
            if material not in self._materials:
                self._materials[material] = self.run("material.add_material", self.file, name=material)
            self.run("material.assign_material", self.file, products=[thing], material=self._materials[material])
        return thing

    def box(self, thing: Any, width: float, depth: float, height: float) -> Any:
        """Gives a product the shape of a box from its origin: width along x, depth along y (m)."""
        shape = self.run("geometry.add_wall_representation", self.file, context=self.body, length=width, height=height,
                         thickness=depth)  # fmt: skip
        self.run("geometry.assign_representation", self.file, product=thing, representation=shape)
        return thing

    def paint(self, thing: Any, name: str, color: tuple[float, float, float], clear: float) -> None:
        """Gives a product's shape a style: its colour, and how much passes through it."""
        style = self.run("style.add_style", self.file, name=name)
        rgb = dict(zip(("Red", "Green", "Blue"), color, strict=True)) | {"Name": None}
        look = {"SurfaceColour": rgb, "Transparency": clear, "ReflectanceMethod": "NOTDEFINED"}
        self.run("style.add_surface_style", self.file, style=style, ifc_class="IfcSurfaceStyleRendering",
                 attributes=look)  # fmt: skip
        shape = thing.Representation.Representations[0]
        self.run("style.assign_representation_styles", self.file, shape_representation=shape, styles=[style])

    def hole(self, wall: Any, placed: Matrix, width: float, height: float, filled_by: Any) -> None:
        """An opening in a wall, filled by a door or window."""
        opening = self.add("IfcOpeningElement", "hole", placed @ at(0, -0.5))
        self.box(opening, width, 1.0, height)
        self.run("feature.add_feature", self.file, feature=opening, element=wall)
        self.run("feature.add_filling", self.file, opening=opening, element=filled_by)

    def write(self, path: Path) -> Path:
        """Writes the file; returns its path."""
        self.file.write(str(path))
        return path


def house(unit: str = "MILLIMETERS", schema: str = "IFC4") -> House:
    """8 x 4 m inside, two rooms, walls of 0.2 m: hall (x 0..4) and office (x 4.2..8)."""
    h = House(unit, schema)
    k = h.k
    h.box(h.add("IfcSlab", "floor", at(-3, -3, -0.2), "Reinforced concrete"), 14, 10, 0.2)
    h.box(h.add("IfcSlab", "roof", at(-0.2, -0.2, 2.6), "Reinforced concrete"), 8.6, 4.4, 0.2)
    south = h.box(h.add("IfcWall", "south", at(-0.2, -0.2), "Baksteen gevel"), 8.6, 0.2, 2.6)
    h.box(h.add("IfcWall", "north", at(-0.2, 4.0), "Baksteen gevel"), 8.6, 0.2, 2.6)
    west = h.box(h.add("IfcWall", "west", at(0, 0, 0, 90), "Baksteen gevel"), 4.0, 0.2, 2.6)
    h.box(h.add("IfcWall", "east", at(8.4, 0, 0, 90), "Baksteen gevel"), 4.0, 0.2, 2.6)
    inner = h.box(h.add("IfcWall", "inner", at(4.2, 0, 0, 90), "Gypsum board"), 4.0, 0.2, 2.6)
    size = {"OverallWidth": 0.9 * k, "OverallHeight": 2.1 * k}
    front = h.add("IfcDoor", "Front door", at(0.0, 1.0, 0, 90), "Oak", **size)  # its +y is west: it opens outwards
    h.hole(west, at(0.0, 1.0, 0, 90), 0.9, 2.1, front)
    office = h.add("IfcDoor", "Office door", at(4.0, 3.0, 0, -90), "Oak", **size)  # its +y is east: into the office
    h.hole(inner, at(4.0, 3.0, 0, -90), 0.9, 2.1, office)
    if schema != "IFC2X3":
        front.OperationType, office.OperationType = "SINGLE_SWING_LEFT", "SINGLE_SWING_RIGHT"
    pane = {"OverallWidth": 1.5 * k, "OverallHeight": 1.2 * k}
    window = h.add("IfcWindow", "Window", at(5.5, -0.12, 0.9), **pane)
    h.hole(south, at(5.5, -0.12, 0.9), 1.5, 1.2, window)
    h.box(window, 1.5, 0.04, 1.2)
    h.box(
        h.add("IfcFurnishingElement" if schema == "IFC2X3" else "IfcFurniture", "Desk", at(6.5, 3.2), "Beech wood"),
        1.4,
        0.7,
        0.74,
    )
    for step in range(4):
        h.box(
            h.add("IfcStairFlight", f"step {step}", at(1.0 + 0.3 * step, 3.0), "Concrete"), 0.3, 1.0, 0.18 * (step + 1)
        )
    for name, x, width in (("Hall", 0.0, 4.0), ("Büro 1", 4.2, 3.8)):
        space = h.add("IfcSpace", name, at(x, 0), LongName=name)
        h.box(space, width, 4.0, 2.6)
    return h
