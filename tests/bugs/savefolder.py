"""One exposure into a folder, in a process of its own: `python -m tests.bugs.savefolder FOLDER MODE` prints what came.

Upload MODE is UPLOAD_LOCAL or UPLOAD_BOTH. A line of JSON: state of CCD_EXPOSURE, texts, the serial numbers of the
frames that the client got, and the saved files with theirs.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.stage import Stage

__all__ = ["one_exposure"]


def one_exposure(folder: str, mode: str, prefix: str = "IMAGE_XXX") -> dict[str, Any]:
    """What a client sees of one exposure of 1 s that is to be saved in `folder`."""
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        client = stage.client
        client.switch("UPLOAD_MODE", mode)
        client.text("UPLOAD_SETTINGS", UPLOAD_DIR=folder, UPLOAD_PREFIX=prefix)
        stage.settle()
        before = len(client.texts)
        client.expose(1.0)
        stage.settle()
        stage.until(lambda: client["CCD_EXPOSURE"].state != "Busy", 60.0)
        stage.run(1.0)
        return {
            "state": client["CCD_EXPOSURE"].state,
            "texts": client.texts[before:],
            "frames": [frame.serial for frame in client.frames],
            "saved": {str(path): serial for path, serial in stage.saved().items()},
        }


if __name__ == "__main__":
    print(json.dumps(one_exposure(sys.argv[1], sys.argv[2])))
