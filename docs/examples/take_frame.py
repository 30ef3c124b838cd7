"""Takes a frame with pyindi-client and writes it to a file.

    pip install pyindi-client
    python take_frame.py 5 frame.fits [HOST [PORT]]

The server runs already: indiserver indi_sony_py
"""

import sys
import threading

import PyIndi

DEVICE = "Sony Alpha"


class Camera(PyIndi.BaseClient):
    """Collects what the server reports; the library calls these methods from a thread of its own."""

    def __init__(self):
        super().__init__()
        self.there = {}
        self.news = threading.Condition()
        self.frame = None
        self.state = ""

    def newProperty(self, reported):
        with self.news:
            self.there[reported.getName()] = True
            self.news.notify_all()

    def updateProperty(self, reported):
        with self.news:
            if reported.getType() == PyIndi.INDI_BLOB:
                self.frame = bytes(PyIndi.PropertyBlob(reported)[0].getblobdata())
            elif reported.getName() == "CCD_EXPOSURE":
                self.state = reported.getStateAsString()
            self.news.notify_all()

    def newMessage(self, device, number):
        print(device.messageQueue(number).rstrip())

    def wait(self, condition, seconds, what):
        with self.news:
            if not self.news.wait_for(condition, seconds):
                raise SystemExit(f"no {what} within {seconds} s")


def switch(camera, name, element):
    vector = camera.getDevice(DEVICE).getSwitch(name)
    for each in vector:
        each.setState(PyIndi.ISS_ON if each.getName() == element else PyIndi.ISS_OFF)
    camera.sendNewSwitch(vector)


def main():
    seconds, path = float(sys.argv[1]), sys.argv[2]
    host, port = (sys.argv[3:4] or ["localhost"])[0], int((sys.argv[4:5] or [7624])[0])
    camera = Camera()
    camera.setServer(host, port)
    if not camera.connectServer():
        raise SystemExit(f"no server at {host}:{port}")
    camera.wait(lambda: "CONNECTION" in camera.there, 10, "Sony camera")
    camera.setBLOBMode(PyIndi.B_ALSO, DEVICE, None)
    if "CCD_EXPOSURE" not in camera.there:
        switch(camera, "CONNECTION", "CONNECT")
    camera.wait(lambda: "CCD_EXPOSURE" in camera.there, 40, "connection")
    exposure = camera.getDevice(DEVICE).getNumber("CCD_EXPOSURE")
    exposure[0].setValue(seconds)
    camera.sendNewNumber(exposure)
    # The frame comes before the Ok; an Alert comes with a message that says what to do.
    camera.wait(lambda: camera.state == "Alert" or (camera.frame and camera.state == "Ok"), 2 * seconds + 120, "frame")
    if camera.frame is None:
        raise SystemExit("the exposure failed")
    with open(path, "wb") as file:
        file.write(camera.frame)
    print(f"{path}: {len(camera.frame)} bytes")
    camera.disconnectServer()


main()
