"""astropy without the network: it would fetch tables of the earth's rotation, for parts of an arcsecond."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from astropy.utils import iers

__all__ = ["astropy_offline"]


@contextmanager
def astropy_offline() -> Iterator[None]:
    """Times and places are reckoned with what is installed, without a word about its age."""
    with (
        warnings.catch_warnings(),
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
