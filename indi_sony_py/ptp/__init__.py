"""PTP (ISO 15740) as bytes: pure codecs for both directions, shared by the driver and the simulated camera."""
