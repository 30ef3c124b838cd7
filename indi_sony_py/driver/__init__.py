"""The face: INDI devices for the cameras, in the process that the INDI server starts.

In the order in which an exposure travels: `process` (threads, main loop), `face` (one inbox, all devices), `device`
(one INDI device), `properties` (THE TABLE of its vectors), `controls` (what a client's write does), `exposure` (freezes
the request, counts down), `link` (the way to the hands), `upload` (the frame's way to the client). `connection` finds
and holds the camera's hand (`patience`: for how long, `telling`: what is said of it), `config` keeps the user's
choices, `streaming` and `recording` are live view as clients see it, `view` is what is known of the camera, `knowledge`
where that comes from.

Nothing in here imports numpy, rawpy or usb when it is loaded.
"""

from __future__ import annotations
