"""INDI driver for Sony Alpha cameras."""
