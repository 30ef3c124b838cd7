"""The simulated camera: a referee, not a mock. It works at the USB endpoints and writes down every broken rule."""
