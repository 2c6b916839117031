"""Makes the pictures of README and docs with the program itself: `python docs/pictures.py`.

Previews need OpenGL (a processor is enough); the debrief's page needs Chromium. Look at the pictures before you commit
them: a change of the simulation may have moved what they show.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from xrlab.render.picture import picture
from xrlab.render.scene import Camera, Frame, PersonPose
from xrlab.review.closeups import paper
from xrlab.review.svg import el, figure
from xrlab.room.model import Light, Room, Surface
from xrlab.scenario.library import faces

IMAGES = Path(__file__).parent / "images"
PREVIEWS = {
    "house-p1.png": "preview house/hostage --seed 7 --camera p1 --at 9.25",
    "house-plan.png": "preview house/hostage --seed 7 --camera plan",
    "range.png": "preview range/qualification --seed 7 --camera desk --at 45",
}
PLANS = {
    "house-hostage": "preview house/hostage --camera plan --seed 7",
    "range-qualification": "preview range/qualification --camera plan --seed 7",
    "range-low_light": "preview range/low_light --seed 3 --camera p1 --at 4",
    "range-moving_targets": "preview range/moving_targets --seed 3 --camera p1 --at 19.2",
    "recognition-twelve_people": "preview recognition/twelve_people --camera plan --seed 4",
    "home-domestic": "preview home/domestic --camera plan --seed 2",
    "square-knife": "preview square/knife --camera plan --seed 2",
    "school-active_shooter": "preview school/active_shooter --camera plan --seed 2",
    "depot-joint_entry": "preview depot/joint_entry --camera plan --seed 3",
}
"""Plans of the shipped scenarios, for their pages, or what the shooter of a range sees: small, `plan-NAME.png`."""
PLAN_WIDTH = 800
DEBRIEF = "run house/hostage --headless --seed 7 --lang en"
PAGE = (1000, 1250)
MOST_BYTES = 590_000
FACES = (
    "air_rifle_10m", "air_pistol_10m", "rifle_50m", "rapid_fire_25m", "precision_25m", "ipsc", "plate_200", "idpa",
)  # fmt: skip
"""Faces of rule books, on one sheet, each as large as its place allows."""


def xrlab(*arguments: str) -> None:
    """Runs the command; a run that fails its pass mark is fine."""
    done = subprocess.run([sys.executable, "-m", "xrlab.cli", *arguments], capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise SystemExit(done.stderr)


def reduced(source: Path, target: Path) -> None:
    """Saves a picture under `MOST_BYTES`, its colours rounded no more than that takes."""
    with Image.open(source) as image:
        colours = np.asarray(image.convert("RGB")).astype(np.int32)
    for step in (1, 2, 4, 8):
        rounded = np.clip((colours + step // 2) // step * step, 0, 255).astype(np.uint8)
        Image.fromarray(rounded).save(target, optimize=True)
        if target.stat().st_size <= MOST_BYTES:
            return


def plan(source: Path, target: Path) -> None:
    """Saves a plan small: its empty border cut off, `PLAN_WIDTH` wide, in 128 colours."""
    with Image.open(source) as image:
        picture = image.convert("RGB")
    empty = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    box = ImageChops.difference(picture, empty).point(lambda v: 255 if v > 8 else 0).getbbox()
    picture = picture.crop(box) if box else picture
    height = round(picture.height * PLAN_WIDTH / picture.width)
    small = picture.resize((PLAN_WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(target, optimize=True)


def sheet_of_faces() -> str:
    """The faces beside each other as SVG, with name and size."""
    known, side, gap = faces(), 170.0, 18.0
    cells = []
    for place, name in enumerate(FACES):
        face = known[name]
        row, column = divmod(place, 4)
        x, y = gap + column * (side + gap) + side / 2, gap + row * (side + 46) + side / 2
        scale = side / max(face.width_mm, face.height_mm)
        size = f"{face.width_mm:g} × {face.height_mm:g} mm"
        cells += paper(face, scale, lambda u, v, x=x, y=y, scale=scale: (x + u * scale, y - v * scale))
        cells.append(el("text", name, x=x, y=y + side / 2 + 15, text_anchor="middle"))
        cells.append(el("text", size, x=x, y=y + side / 2 + 29, text_anchor="middle", fill="#55606e"))
    style = (
        ".paper { fill: #f5efe2; stroke: #77706a; } .face-zone { stroke-width: .8; } text { font: 12px sans-serif; }"
    )
    wide, high = gap + 4 * (side + gap), gap + 2 * (side + 46)
    white = el("rect", width=wide, height=high, fill="#ffffff")
    return figure(wide, high, "Faces of rule books", el("style", style), white, *cells)


LOOKS = (
    tuple(("civil", variant) for variant in range(8)),
    (*(("civil", variant) for variant in range(8, 12)), ("police", 0), ("police", 1), ("police", 50), ("defence", 0)),
)
"""Outfits and variants on the sheet of looks, row by row."""


def sheet_of_looks(target: Path) -> None:
    """People in some of their looks, side by side, with the numbers that choose them."""
    size = (1040, 400)
    corners = np.array([(-8.0, -9.0, 0.0), (9.0, -9.0, 0.0), (9.0, 9.0, 0.0), (-8.0, 9.0, 0.0)])
    wall = np.array([(2.0, -9.0, 0.0), (2.0, 9.0, 0.0), (2.0, 9.0, 5.0), (2.0, -9.0, 5.0)])
    square = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    surfaces = (
        Surface("floor", corners, square, "concrete", (0.60, 0.58, 0.55, 1.0)),
        Surface("wall", wall, square[:, ::-1], "plaster", (0.80, 0.80, 0.78, 1.0)),
    )
    lamps = tuple(Light(f"lamp {y}", (-2.5, y, 3.4), power=1500.0, group="main") for y in (-3.0, 3.0))
    sheet = Image.new("RGB", (size[0], size[1] * len(LOOKS)), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=15)
    for row, looks in enumerate(LOOKS):
        people = [
            PersonPose((0.0, 2.62 - 0.75 * i, 0.0), math.pi + 0.3 - 0.09 * i, outfit=outfit, variant=variant)
            for i, (outfit, variant) in enumerate(looks)
        ]
        camera = Camera((-6.5, 0.0, 1.25), 0.0, -0.055, math.radians(20.2))
        image = picture(Room("looks", surfaces, lights=lamps), Frame(camera, people), *size)
        sheet.paste(Image.fromarray(image), (0, row * size[1]))
        for i, (outfit, variant) in enumerate(looks):
            x = size[0] * (0.5 + (i - 3.5) * 0.1245)
            pen.text((x, (row + 1) * size[1] - 14), f"{outfit} {variant}", fill="#1b2230", font=font, anchor="mm")
    colours = (np.asarray(sheet).astype(np.int32) + 1) // 3 * 3
    Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8)).save(target, optimize=True)


def main() -> None:
    """Makes all pictures; with names behind the command, the plans of these scenarios alone."""
    IMAGES.mkdir(exist_ok=True)
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.png"
        for name, command in PLANS.items():
            if not wanted or name in wanted:
                xrlab(*command.split(), "--out", str(raw))
                plan(raw, IMAGES / f"plan-{name}.png")
        if wanted:
            return
        for name, command in PREVIEWS.items():
            xrlab(*command.split(), "--out", str(raw))
            reduced(raw, IMAGES / name)
        sheet_of_looks(IMAGES / "people.png")
        (IMAGES / "faces.svg").write_text(sheet_of_faces() + "\n", encoding="utf-8")
        xrlab("graph", "house/hostage", "--out", str(IMAGES / "graph-house-hostage.svg"))
        browser = shutil.which("chromium") or shutil.which("google-chrome")
        if browser is None:
            raise SystemExit("chromium is missing: the debrief's picture was not made")
        xrlab(*DEBRIEF.split(), "--out", folder)
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={raw}",
             f"--window-size={PAGE[0]},{PAGE[1]}", (Path(folder) / "debrief.html").as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip
        reduced(raw, IMAGES / "debrief.png")


if __name__ == "__main__":
    main()
