"""Mismatch: analog parameters differ from device to device, once and for all for one chip."""
