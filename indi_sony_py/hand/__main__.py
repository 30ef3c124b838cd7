"""`python -m indi_sony_py.hand --key KEY`: the camera's own process."""

from __future__ import annotations

import sys

from indi_sony_py.hand.process import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
