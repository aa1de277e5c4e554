"""Sweeps: axes over anything, each point trained once, counted once and priced many times, in one ledger."""
