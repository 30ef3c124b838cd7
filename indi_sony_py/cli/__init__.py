"""Commands: the only place that joins transport or the simulated camera to engine and driver."""
