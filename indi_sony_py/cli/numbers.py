"""Numbers on the command line: what is allowed, and the words for what is not. Pure."""

from __future__ import annotations

import argparse
from fractions import Fraction

from indi_sony_py.driver.row import LONGEST_S
from indi_sony_py.texts import tool

__all__ = ["port", "seconds", "whole"]


def seconds(text: str) -> float:
    """An exposure: 30, 0.5 or 1/250."""
    try:
        value = float(Fraction(text)) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError):
        value = -1.0
    if not 0 <= value <= LONGEST_S:
        raise argparse.ArgumentTypeError(tool.BAD_SECONDS(text=text, most=LONGEST_S))
    return value


def whole(text: str) -> int:
    """1, 2, 3 …"""
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(tool.BAD_NUMBER(text=text))
    return int(text)


def port(text: str) -> int:
    """A port that a user may listen at."""
    if not (text.isascii() and text.isdecimal()) or not 1024 <= int(text) <= 0xFFFF:
        raise argparse.ArgumentTypeError(tool.BAD_PORT(text=text))
    return int(text)
