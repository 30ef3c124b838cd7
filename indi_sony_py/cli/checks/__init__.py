"""What `indi-sony doctor` checks: one module a place (computer, way, camera), the order in `table`."""
