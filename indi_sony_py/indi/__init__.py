"""INDI, device side: messages, stream parser, vectors, BLOBs, the ends of the process; knows no camera."""
