"""Pictures of tumours: spheres are where they should be, lineages are trees, movies keep their size."""

import numpy as np
import pytest
from PIL import Image

from autocrine import plots
from autocrine.core import errors
from autocrine.plots.lineage import _heights
from autocrine.plots.movie import paint, write_still
from autocrine.plots.spheres import ABOVE, Camera, shade_spheres
from autocrine.plots.tumour_view import _round_down

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def look(places, radii, colours, camera=ABOVE, half=10.0, pixels=100):
    return shade_spheres(
        np.array(places, float), np.array(radii, float), np.array(colours), np.zeros(3), half, camera=camera,
        pixels=pixels,
    )  # fmt: skip


def colour_at(picture, x, y, half=10.0):
    """Return the colour at a place (um) seen from above, None where it is clear."""
    scale = picture.shape[0] / (2 * half * 1.04)
    pixel = picture[round(picture.shape[0] / 2 - y * scale), round(picture.shape[1] / 2 + x * scale)]
    return None if pixel[3] == 0 else "red" if pixel[0] > pixel[2] else "blue"


def test_a_sphere_covers_its_disc():
    picture = look([[3.0, -2.0, 0.0]], [4.0], [RED])
    scale = 100 / 20.8
    assert picture[..., 3].sum() / 255 == pytest.approx(np.pi * (4 * scale) ** 2, rel=0.01)
    assert colour_at(picture, 3, -2) == "red"
    assert colour_at(picture, 3, 2.5) is None
    rows, columns = np.nonzero(picture[..., 3])
    assert columns.mean() - 49.5 == pytest.approx(3 * scale, abs=0.3)
    assert 49.5 - rows.mean() == pytest.approx(-2 * scale, abs=0.3)


def test_the_nearer_sphere_hides_the_other():
    for above, seen in ((5.0, "red"), (-5.0, "blue")):
        picture = look([[0, 0, above], [0, 0, 0]], [3.0, 3.0], [RED, BLUE])
        assert colour_at(picture, 0, 0) == seen


def test_spheres_that_cut_one_another_are_divided_at_their_plane():
    picture = look([[-2, 0, 0], [2, 0, 0]], [4.0, 4.0], [RED, BLUE])
    assert [colour_at(picture, x, 0) for x in (-1.0, 1.0)] == ["red", "blue"]


def test_the_order_of_spheres_does_not_matter():
    rng = np.random.default_rng(1)
    places, radii, colours = rng.uniform(-8, 8, (60, 3)), rng.uniform(0.5, 2, 60), rng.random((60, 3))
    order = rng.permutation(60)
    first, second = (look(places[o], radii[o], colours[o], Camera()) for o in (np.arange(60), order))
    assert np.array_equal(first, second)


def test_axes_of_a_camera_are_a_turned_frame():
    for camera in (Camera(), ABOVE, Camera(120.0, 5.0)):
        axes = camera.axes()
        assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(axes) == pytest.approx(1.0)


def test_nothing_is_a_clear_picture():
    assert not look(np.zeros((0, 3)), [], np.zeros((0, 3))).any()


def test_scales_are_round():
    assert [_round_down(each) for each in (1.0, 1.99, 4.9, 5.0, 99.0, 230.0)] == [1.0, 1.0, 2.0, 5.0, 50.0, 200.0]


def test_a_mother_lies_between_her_daughters_and_no_leaves_share_a_place():
    parent = np.array([-1, -1, 0, 0, 2, 2, 1, 1])
    height = _heights(parent)
    for mother in (0, 1, 2):
        assert height[mother] == pytest.approx(height[parent == mother].mean())
    leaves = np.setdiff1d(np.arange(8), parent)
    assert np.diff(np.sort(height[leaves])).min() >= 1.0
    assert height[leaves].max() - height[leaves].min() > len(leaves) - 1, "families lie apart"


def test_a_deep_family_is_drawn():
    parent = np.repeat(np.arange(-1, 1499), 2)[1:2999]
    parent = np.concatenate([[-1], parent])[:2500]
    parent[1:] = np.minimum(parent[1:], np.arange(2499))
    assert np.isfinite(_heights(parent)).all()


def test_pictures_of_a_movie_have_one_size(tmp_path):
    cells = plots.maps.Cells(np.zeros((1, 3)), np.ones(1), np.zeros(1, int), np.zeros(1, int))
    stage = plots.maps.Stage.around([cells], flat=False, clones=["a clone with a long name"])
    figures = [
        plots.maps.draw_view(cells, stage, title=title) for title in ("short", "a title that is longer than that")
    ]
    assert len({paint(each).shape for each in figures}) == 1
    plots.maps.write_gif(figures, tmp_path / "a.gif", per_second=5.0)
    with Image.open(tmp_path / "a.gif") as movie:
        assert movie.info["duration"] == 200
        assert movie.info["loop"] == 0
    with pytest.raises(errors.InputError, match="at least one picture"):
        plots.maps.write_gif([], tmp_path / "b.gif")
    with pytest.raises(errors.InputError, match=r"suffix \.gif"):
        plots.maps.write_gif(figures, tmp_path / "b.mp4")
    with pytest.raises(errors.OutputError, match="must be writable"):
        write_still(figures[0], tmp_path / "absent" / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]
