"""The registration, by which KStars and INDI Web Manager find the driver."""

from __future__ import annotations

import configparser
from pathlib import Path
from xml.etree import ElementTree

from indi_sony_py import __version__
from indi_sony_py.cli.system.templates import registration
from indi_sony_py.driver.choices import FAMILY, first_name
from indi_sony_py.driver.properties import row_of

ROOT = Path(__file__).parents[2]
TREE = ElementTree.fromstring(registration().encode())


def test_there_is_one_device_with_a_driver_and_a_version() -> None:
    (group,) = TREE.findall("devGroup")
    (device,) = group.findall("device")
    assert (TREE.tag, group.get("group")) == ("driversList", "CCDs")
    assert device.get("label") and device.get("manufacturer") and device.get("mdpd") == "true"
    assert device.findtext("version") == __version__


def test_the_label_is_the_name_of_the_device_that_always_exists() -> None:
    """Clients connect it by the label, and take every device for the driver's that begins like the driver's name."""
    driver = TREE.find("devGroup/device/driver")
    device = TREE.find("devGroup/device")
    assert driver is not None and device is not None
    info = row_of("DRIVER_INFO")
    assert info is not None
    assert driver.get("name") == device.get("label") == FAMILY == first_name({}) == info.values["DRIVER_NAME"]


def test_the_executable_is_the_one_that_is_installed() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    scripts = dict(line.split(" = ") for line in setup["options.entry_points"]["console_scripts"].strip().splitlines())
    executable = TREE.findtext("devGroup/device/driver")
    info = row_of("DRIVER_INFO")
    assert executable in scripts and executable.startswith("indi_")
    assert info is not None and info.values["DRIVER_EXEC"] == executable
