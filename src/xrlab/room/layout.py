"""A room, house or range as a few lines of YAML: the model of a layout.

`xrlab.room.layouts` reads and checks one, `xrlab.room.build` makes the Room of it. Metres and degrees in
the file, as each key's name says.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field, model_validator

Metre = Annotated[float, Field(strict=True, ge=-500, le=500, allow_inf_nan=False)]
Length = Annotated[float, Field(strict=True, gt=0, le=500, allow_inf_nan=False)]
Angle = Annotated[float, Field(strict=True, ge=-360, le=360, allow_inf_nan=False)]
Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", description="#rrggbb")]
Spot = tuple[Metre, Metre]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,47}$", description="a name: letters, digits and _")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _no_lost_color(cls, value: Any) -> Any:
        """YAML takes an unquoted #aabbcc for a comment, and the colour would be lost without a word."""
        if isinstance(value, dict):
            for key, given in value.items():
                if given is None and "color" in str(key):
                    raise ValueError(
                        f"{key} is empty; a colour needs quotes, such as '#c8b89a', for # begins a comment"
                    )
        return value


class Area(_Part):
    """A part of the floor, as a rectangle or a polygon."""

    rect: tuple[Metre, Metre, Length, Length] | None = Field(None, description="[x, y, width, depth] in metres")
    polygon: list[Spot] | None = Field(None, min_length=3, max_length=500, description="corners [x, y] in metres")

    @model_validator(mode="after")
    def _one(self) -> Area:
        if (self.rect is None) == (self.polygon is None):
            raise ValueError("needs one of rect and polygon")
        shape = self.shape()
        if not shape.is_valid or shape.area < 1e-4:
            spot = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(shape))
            near = f" near [{float(spot[1]):.2f}, {float(spot[2]):.2f}]" if spot else ""
            raise ValueError(f"the polygon crosses itself or has no area{near}; give its corners in order around it")
        return self

    def shape(self) -> shapely.Polygon:
        """The area as a polygon."""
        if self.rect:
            x, y, w, d = self.rect
            return shapely.box(x, y, x + w, y + d)
        return shapely.Polygon(self.polygon or ())


class ZoneSpec(Area):
    """A named part of the floor."""

    floor_m: Metre | None = Field(None, description="in a mesh with storeys: height of its floor; else the layout's")
    height_m: Length | None = Field(None, description="from its floor to its ceiling; the layout's if left out")


class RoomSpec(Area):
    """A room of the house: walls stand on its edges, its floor is a zone of its name."""

    floor: str = Field("concrete", description="material of the floor")
    floor_color: Color | None = Field(None, description="colour of the floor")
    wall_color: Color | None = Field(None, description="colour of the walls on this room's side")
    outside: bool = Field(False, description="a terrace or porch: a floor without walls and ceiling")
    own_walls: bool = Field(True, description="whether walls stand on its edges; false where `walls` gives them")


class Wall(_Part):
    """A wall that stands free, beside those that rooms bring."""

    from_: Spot = Field(alias="from", description="[x, y] of one end")
    to: Spot = Field(description="[x, y] of the other end")
    thickness_m: Length = Field(0.1, description="thickness")
    height_m: Length | None = Field(None, description="height; the house's if left out")
    material: str = Field("plasterboard", description="what it is made of: a material's name")
    color: Color | None = Field(None, description="colour")

    @model_validator(mode="after")
    def _has_length(self) -> Wall:
        if math.dist(self.from_, self.to) < 0.01:
            raise ValueError("from and to are the same place; a wall needs a length")
        return self


class Hole(_Part):
    """Base of what is cut into a wall."""

    at: Spot | None = Field(None, description="[x, y] of its middle, on a wall")
    between: tuple[str, str] | None = Field(None, description="two rooms whose common wall it is in the middle of")

    @model_validator(mode="after")
    def _place(self) -> Hole:
        if (self.at is None) == (self.between is None):
            raise ValueError("needs one of at and between")
        if self.between and self.between[0] == self.between[1]:
            raise ValueError("between needs two different rooms")
        return self


class DoorSpec(Hole):
    """A doorway with a hinged leaf."""

    hinge_at: Spot | None = Field(None, description="in a mesh, in place of at: [x, y] of the hinge")
    closed_yaw_deg: Angle | None = Field(
        None, description="with hinge_at: direction from the hinge along the shut leaf"
    )
    floor_m: Metre | None = Field(
        None, description="with hinge_at, in a mesh with storeys: height of the floor; else the layout's"
    )
    width_m: Annotated[float, Field(strict=True, ge=0.4, le=3)] = Field(0.93, description="width of the leaf")
    height_m: Annotated[float, Field(strict=True, ge=1.5, le=4)] = Field(2.03, description="height of the leaf")
    opens_into: str | None = Field(
        None, description="room that the leaf swings into; else the first of `between`, or the smaller"
    )
    hinge: Literal["left", "right"] = Field("left", description="side of the hinge, seen from where it opens into")
    swing_deg: Annotated[float, Field(strict=True, gt=0, le=180)] = Field(95.0, description="how far it opens")
    opened_by: Literal["all", "nobody"] | list[str] = Field("all", description="who may open it: teams or people")
    open: bool = Field(False, description="stands open at the start")
    material: str = Field("wood", description="material of the leaf")
    color: Color | None = Field(None, description="colour of the leaf")
    seconds: Annotated[float, Field(strict=True, ge=0.1, le=10)] = Field(0.8, description="time to open fully")

    @model_validator(mode="after")
    def _place(self) -> DoorSpec:
        if sum(v is not None for v in (self.at, self.between, self.hinge_at)) != 1:
            raise ValueError("needs one of at, between and, in a mesh, hinge_at")
        if self.between and self.between[0] == self.between[1]:
            raise ValueError("between needs two different rooms")
        if (self.hinge_at is None) != (self.closed_yaw_deg is None):
            raise ValueError("hinge_at and closed_yaw_deg go together")
        if self.hinge_at is None and self.floor_m is not None:
            raise ValueError("floor_m is for doors with hinge_at, in a mesh; other doors stand on the layout's floor")
        if self.hinge_at is not None and self.opens_into is not None:
            raise ValueError("opens_into is for doors in walls of rooms; with hinge_at, hinge tells which way it turns")
        return self


class Opening(Hole):
    """A gap in a wall without a leaf."""

    width_m: Length = Field(1.0, description="width")
    height_m: Length = Field(2.1, description="height of its upper edge")
    sill_m: Annotated[float, Field(strict=True, ge=0, le=10)] = Field(0.0, description="height of its lower edge")

    @model_validator(mode="after")
    def _has_height(self) -> Opening:
        if self.sill_m >= self.height_m:
            raise ValueError(
                f"its lower edge (sill_m {self.sill_m:g}) must lie below its upper edge ({self.height_m:g})"
            )
        return self


class Window(Hole):
    """A window with glass: seen through, and shot through. One with a name can be opened, as doors are."""

    name: Name | None = Field(None, description="its name, by which it is opened and shut; else it is fixed")
    hinge: Literal["left", "right"] = Field("left", description="side of the hinge, seen from the room it opens into")
    opened_by: Literal["all", "nobody"] | list[str] = Field("all", description="who may open it: teams or people")
    open: bool = Field(False, description="stands open at the start")
    width_m: Length = Field(1.2, description="width")
    height_m: Length = Field(1.2, description="height of the glass")
    sill_m: Annotated[float, Field(strict=True, ge=0, le=10)] = Field(0.9, description="height of its lower edge")


class Furniture(_Part):
    """A thing that stands on the floor, its middle at `at`; seen from its front it is width by depth."""

    kind: Literal["box", "table", "desk", "chair", "sofa", "bed", "cupboard", "counter"] = Field(
        "box", description="what it is; each kind has its own shape"
    )
    at: Spot = Field(description="[x, y] of its middle")
    size_m: tuple[Length, Length, Length] = Field(description="[width, depth, height]")
    yaw_deg: Angle = Field(0.0, description="turned by; at 0 its front looks north")
    over_floor_m: Annotated[float, Field(strict=True, ge=0, le=10)] = Field(
        0.0, description="height of its foot over the floor"
    )
    material: str = Field("wood", description="what it is made of: a material's name")
    solid: bool = Field(
        False, description="solid through and through, as an engine or a safe; else it is hollow if its material is"
    )
    color: Color | None = Field(None, description="colour")

    def shape(self) -> shapely.Polygon:
        """What it covers of the floor."""
        w, d, _ = self.size_m
        c, s = math.cos(math.radians(self.yaw_deg)), math.sin(math.radians(self.yaw_deg))
        corners = [(-w / 2, -d / 2), (w / 2, -d / 2), (w / 2, d / 2), (-w / 2, d / 2)]
        return shapely.Polygon([(self.at[0] + x * c - y * s, self.at[1] + x * s + y * c) for x, y in corners])


_LAMP_KEYS = {
    "towards": ("spot", "panel"), "cone_deg": ("spot",), "core_deg": ("spot",), "size_m": ("panel",),
    "length_m": ("tube",), "yaw_deg": ("panel", "tube"),
}  # fmt: skip


class Lamp(_Part):
    """A lamp."""

    at: tuple[Metre, Metre, Metre] = Field(description="[x, y, z]")
    lumens: Annotated[float, Field(strict=True, gt=0, le=1e6)] = Field(1500.0, description="how bright")
    color: Color = Field("#fff4e5", description="colour of the light")
    group: Name = Field("main", description="lamps of a group are switched together")
    kind: Literal["ceiling", "point", "spot", "panel", "tube"] = Field(
        "ceiling",
        description="ceiling lamps send most of their light down, a point (a bare bulb) all around, "
        "a spot into a cone; a panel shines on one side, a tube around its length",
    )
    towards: tuple[Metre, Metre, Metre] | None = Field(
        None, description="[x, y, z] that a spot or a panel shines at; straight down if left out"
    )
    cone_deg: Annotated[float, Field(strict=True, gt=0, le=170)] | None = Field(
        None, description="of a spot: from edge to edge of its light; 60 if left out"
    )
    core_deg: Annotated[float, Field(strict=True, ge=0, le=170)] | None = Field(
        None, description="of a spot: from edge to edge of what it lights in full; half of cone_deg if left out"
    )
    size_m: tuple[Length, Length] | None = Field(None, description="of a panel: [width, depth]; [0.6, 0.6] if left out")
    length_m: Length | None = Field(None, description="of a tube; 1.2 if left out")
    yaw_deg: Angle | None = Field(
        None, description="where the length of a tube, or the width of a panel that looks down or up, points; 0 east"
    )

    @model_validator(mode="after")
    def _of_its_kind(self) -> Lamp:
        for key, kinds in _LAMP_KEYS.items():
            if getattr(self, key) is not None and self.kind not in kinds:
                raise ValueError(f"{key} is for kind {' or '.join(kinds)}, not for {self.kind}")
        if (self.core_deg or 0.0) > (self.cone_deg or 60.0):
            raise ValueError(f"core_deg {self.core_deg:g} is wider than cone_deg {self.cone_deg or 60.0:g}")
        if self.towards is not None and math.dist(self.at, self.towards) < 0.01:
            raise ValueError("at and towards are the same place; a lamp needs a direction")
        return self


class PointSpec(_Part):
    """A named place to stand."""

    at: Spot = Field(description="[x, y]")
    yaw_deg: Angle = Field(0.0, description="where one looks who stands there; 0 east, 90 north")
    floor_m: Metre | None = Field(None, description="in a mesh with storeys: height of the floor; else the layout's")


class Mesh(_Part):
    """A mesh that this layout gives names, lamps and doors to."""

    file: str = Field(min_length=1, max_length=400, description="file, from this file's folder")
    scale: Annotated[float, Field(strict=True, gt=0, le=1000)] = Field(
        1.0, description="metres for one unit of the file"
    )
    up: Literal["y", "z"] | None = Field(None, description="axis that points up; glTF is y, else z, if left out")
    at: tuple[Metre, Metre, Metre] = Field((0.0, 0.0, 0.0), description="where its origin comes to lie")
    yaw_deg: Angle = Field(0.0, description="turned about the vertical by")
    material: str | None = Field(None, description="material of all that the file gives no known name")
    materials: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="material by the name of a part, or of its material in the file; * and ? stand for any letters",
    )


class Layout(_Part):
    """A room, house or range."""

    xrlab: Literal[1] = Field(description="version of the format")
    name: str = Field(min_length=1, max_length=80, description="for lists and plans")
    height_m: Annotated[float, Field(strict=True, ge=1.8, le=50)] = Field(2.6, description="from floor to ceiling")
    floor_m: Metre = Field(0.0, description="height of the floor")
    wall_m: Annotated[float, Field(strict=True, ge=0.02, le=2)] = Field(
        0.12, description="thickness of the walls that rooms bring"
    )
    walls_of: str = Field("plasterboard", description="material of the walls that rooms bring")
    wall_color: Color | None = Field(None, description="colour of walls; rooms may have their own")
    ceiling: bool = Field(True, description="whether rooms have a ceiling")
    mesh: Mesh | None = Field(None, description="a mesh instead of, or beside, rooms")
    rooms: dict[Name, RoomSpec] = Field(default_factory=dict, max_length=500, description="rooms by name")
    walls: list[Wall] = Field(default_factory=list, max_length=2000, description="walls that stand free")
    doors: dict[Name, DoorSpec] = Field(default_factory=dict, max_length=500, description="doors by name")
    openings: list[Opening] = Field(default_factory=list, max_length=500, description="gaps without a leaf")
    windows: list[Window] = Field(default_factory=list, max_length=500, description="panes of glass in walls")
    furniture: list[Furniture] = Field(default_factory=list, max_length=2000, description="what stands about")
    zones: dict[Name, ZoneSpec] = Field(
        default_factory=dict, max_length=500, description="more named parts of the floor"
    )
    lights: list[Lamp] = Field(default_factory=list, max_length=200, description="lamps")
    points: dict[Name, PointSpec] = Field(default_factory=dict, max_length=500, description="named places to stand")

    @model_validator(mode="after")
    def _something(self) -> Layout:
        if not (self.rooms or self.mesh or self.walls):
            raise ValueError("a layout needs rooms, walls or a mesh")
        return self
