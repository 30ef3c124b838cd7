"""INDI, device side: messages, stream parser, vectors, BLOBs and the ends of the process; knows no camera."""

It knows no camera.
"""
