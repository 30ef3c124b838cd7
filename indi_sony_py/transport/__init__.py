"""The only I/O towards a camera. `base` is the seam; above it only our own errors are seen."""
