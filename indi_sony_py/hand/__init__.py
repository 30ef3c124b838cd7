"""The camera's own process, and the pair that joins it to the face.

In the order in which an exposure travels: `launch` (find or start the hand), `messages` and `codec` (what is said),
`pair` (how it gets across), `process` (the hand's main loop), `core` (what it does), `frames` (an image's way to the
client or to a file), `lab` (the threads that develop and save), `marker` and `journal` (what outlives a crash).

Importing this package or anything named above up to `process` loads no numpy, rawpy or usb.
"""

from __future__ import annotations
