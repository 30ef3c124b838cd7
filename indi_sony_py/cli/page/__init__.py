"""The page of a night: from its record to one HTML file."""
