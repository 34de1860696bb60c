"""The committed pictures: one for each main page, width and theme, and small."""

import io

from PIL import Image

from tests.flow.pictures import FOLDER, LARGEST, LARGEST_ALL, names, small_png


def test_pictures__committed__are_those_of_the_scenes_and_small() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.glob("*.png")}
    assert set(sizes) == names()
    assert {name for name, size in sizes.items() if size > 60_000} == set()
    assert sum(sizes.values()) <= LARGEST_ALL


def test_small_png__a_picture_of_noise__loses_colours_and_size_until_it_is_small() -> None:
    noise = Image.effect_noise((400, 300), 90).convert("RGB")
    kept = io.BytesIO()
    noise.save(kept, "PNG")
    small = small_png(kept.getvalue())
    assert len(kept.getvalue()) > LARGEST >= len(small)
    assert Image.open(io.BytesIO(small)).width < 400


def test_small_png__a_plain_page__keeps_its_size() -> None:
    kept = io.BytesIO()
    Image.new("RGB", (360, 780), "#f5faf7").save(kept, "PNG")
    small = small_png(kept.getvalue())
    assert len(small) < LARGEST
    assert Image.open(io.BytesIO(small)).size == (360, 780)
