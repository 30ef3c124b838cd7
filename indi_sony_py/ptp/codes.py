"""The standard's own codes that a still camera in PC Remote mode uses (PTP, ISO 15740). Sony's are in `sony.codes`."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ANY_TRANSACTION", "ContainerType", "ObjectFormat", "Operation", "Response"]

ANY_TRANSACTION = 0xFFFFFFFF
"""The id in an event that belongs to no transaction (traces: ILCE-5000 in gphoto2#80, ILCE-6400 in gphoto2#309)."""


class ContainerType(IntEnum):
    COMMAND = 1
    DATA = 2
    RESPONSE = 3
    EVENT = 4


class Operation(IntEnum):
    GET_DEVICE_INFO = 0x1001
    OPEN_SESSION = 0x1002
    CLOSE_SESSION = 0x1003
    GET_STORAGE_IDS = 0x1004
    GET_STORAGE_INFO = 0x1005
    GET_OBJECT_HANDLES = 0x1007
    GET_OBJECT_INFO = 0x1008
    GET_OBJECT = 0x1009
    GET_THUMB = 0x100A
    SEND_OBJECT = 0x100D
    GET_PARTIAL_OBJECT = 0x101B


class Response(IntEnum):
    OK = 0x2001
    GENERAL_ERROR = 0x2002
    SESSION_NOT_OPEN = 0x2003
    INVALID_TRANSACTION_ID = 0x2004
    OPERATION_NOT_SUPPORTED = 0x2005
    PARAMETER_NOT_SUPPORTED = 0x2006
    INCOMPLETE_TRANSFER = 0x2007
    INVALID_STORAGE_ID = 0x2008
    INVALID_OBJECT_HANDLE = 0x2009
    INVALID_DEVICE_PROP_CODE = 0x200A
    ACCESS_DENIED = 0x200F
    NO_THUMBNAIL_PRESENT = 0x2010
    STORE_NOT_AVAILABLE = 0x2013
    DEVICE_BUSY = 0x2019
    INVALID_PARAMETER = 0x201D
    SESSION_ALREADY_OPEN = 0x201E
    TRANSACTION_CANCELLED = 0x201F


class ObjectFormat(IntEnum):
    """Sony's formats among them are from Sony's PTP3 reference and libgphoto2's ptp.h."""

    EXIF_JPEG = 0x3801
    JFIF = 0x3808
    ARW = 0xB101
    HEIF = 0xB110
    MPO = 0xB301
    MP4 = 0xB982
