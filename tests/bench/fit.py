"""What check takes for a layout more, and for a kernel more: a plane through the times of several fleets."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from pathlib import Path
from statistics import fmean

from btfview.analysis.analyse import analyse
from btfview.targets.atlas_kernels import atlas_targets
from tests.bench.entries import Fit
from tests.bench.measure import measure_cpu
from tests.bench.places import Places


def measure_fit(entry: Fit, places: Places, runs: int, tmp: Path) -> tuple[float, float]:
    """Return the milliseconds of processor time that a layout and that a kernel adds."""
    layouts, kernels, times = [], [], []
    for word in entry.fleets:
        analysis = analyse(entry.object, atlas_targets(places[word]), is_shared=True)
        layouts.append(len(analysis.column_groups))
        kernels.append(len(analysis.targets))
        times.append(measure_cpu(f"{entry.command} {places[word]}", runs, tmp))
    return plane_slopes(layouts, kernels, times)


def plane_slopes(xs: Sequence[float], ys: Sequence[float], zs: Sequence[float]) -> tuple[float, float]:
    """Return a and b of the plane z = a x + b y + c that fits best (least squares)."""
    x, y, z = ([value - fmean(values) for value in values] for values in (xs, ys, zs))
    xx, yy, xy = (sum(map(mul, *pair)) for pair in ((x, x), (y, y), (x, y)))
    xz, yz = (sum(map(mul, *pair)) for pair in ((x, z), (y, z)))
    area = xx * yy - xy * xy
    return (yy * xz - xy * yz) / area, (xx * yz - xy * xz) / area
