"""The only I/O towards a camera. `base` is the seam; everything above it sees its errors and no foreign ones."""
