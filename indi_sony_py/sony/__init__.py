"""What Sony added to PTP: codes, values, data sets, bodies, and the session that speaks them."""
