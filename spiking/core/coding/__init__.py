"""Codes: how values become events, and how activity becomes an answer."""
