"""The camera's own process, and the pair that joins it to the face.

In the order in which an exposure travels: `launch` (find or start the hand), `messages` and `codec` (what is said),
`pair` (how it gets across), `process` (the hand's main loop), `door` (who is let in), `core` (what it does), `wiring`
(what its worker is made of), `view` (what a new face is told), `owed` (whose image must still come), `frames` (an
image's way to the client or to a file), `disk` (the thread that writes), `spool`, `marker` and `journal` (what outlives
a crash), `places` (where files are). Live view goes through `livedesk`: `liveframes` (the newest to the face),
`livedecoder` and `recorder` (threads).

Importing this package or anything named above loads no numpy, rawpy or usb.
"""

from __future__ import annotations
