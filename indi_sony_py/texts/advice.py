"""What to do about troubles that many things can cause: each sentence once, for rows and classes of errors."""

from __future__ import annotations

__all__: list[str] = []

REPORT = "Please report it with the log of this night."
REPORT_DATA = "If it comes again, send the log: the camera speaks in a way that the driver does not know yet."
TAKE_AGAIN = "The file as it came from the camera is kept; try the cable, and take the frame again."
SET_RAW = (
    "The file as it came from the camera is kept. Set the camera's menu to RAW, "
    "RAW File Type: Uncompressed or Lossless Compressed (L); sizes M and S cannot be used."
)
CABLE_AND_POWER = "Check the cable and the camera's power; the driver goes on trying."
CAMERA_IS_GONE = "Check the cable, the battery, and that the camera is on, not asleep, and in the PC Remote mode."
CLOSE_PROGRAM = (
    "Close the other program. A desktop's gvfs is stopped with "
    "'systemctl --user stop gvfs-gphoto2-volume-monitor.service'."
)
UDEV_RULE = (
    "Who runs this must be in the group plugdev (sudo usermod -aG plugdev USER, then log in anew and start the server "
    "anew), and a udev rule for vendor 054c must be there: the package brings it, and DRIVER.md, Rights to the camera, "
    "has it by hand. Then plug the camera in again."
)
OFF_AND_ON = "If it stays silent: switch the camera off and on; if that does not help, take its battery out."
NO_MENU = (
    "Check that the camera shows no menu and no picture, and is in the PC Remote mode; if it stays so, switch it "
    "off and on."
)
PC_REMOTE = (
    "In the camera's menu choose USB Connection: PC Remote (newer bodies: USB Connection Mode: Remote Shooting)."
)
AT_THE_MENU = "At the camera: {menu}."
NO_REMOTE = "This body cannot be controlled over USB by any program; a cable release can drive its shutter."
MANUAL_FOCUS = "Set the focus mode to MF (manual focus) at the camera or the lens."
BUTTON_UP = "Release the shutter button, unplug a wired remote, then try again; else switch the camera off and on."
WHY_NO_IMAGE = (
    "Check at the camera: no menu or picture on its screen, nobody holds its button, M on the dial, MF, a lens or "
    "'Release w/o Lens: Enable', a card with room or 'Release w/o Card: Enable', and "
    "'Still Img. Save Dest.: PC' or 'PC+Camera'."
)
FREE_SPACE = "Free some space on that disk, or choose another folder in Upload Settings."
OTHER_RIGHTS = "Choose a folder that the user of the INDI server may write to, or change its permissions."
OTHER_FOLDER = "Choose another folder in Upload Settings."
NEW_HAND = "A new one is started; it first closes the shutter, then collects what the camera still holds."
MORE_MEMORY = "Close other programs, or add swap; a frame needs about twice its RAW size."
STOP_OTHER = "Stop the other driver that works with this camera, or wait until it has finished."
CHANGE_PREFIX = "Change Prefix in Upload Settings."
OTHER_DISK = "Check that disk, or choose another folder in Upload Settings."
EMPTY_BINDING = "Switch it on, or empty the field Camera under Options."
CONNECT_FIRST = "Connect it first."
