"""The process that runs: signals that stop it, and what it writes aside until it is whole."""
