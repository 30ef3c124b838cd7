"""From the camera's file to the frame: ARW header, CFA, FITS, files. Knows no camera, no protocol and no client."""
