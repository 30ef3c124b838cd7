"""What the driver brings to a machine beside its code: registration, udev rules, a service, manual pages, completion.

The Debian package and `indi-sony install` put the same files in place, each where its kind of package may.
"""
