"""The ledger, and the claims of the processes that share it."""
