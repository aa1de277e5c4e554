"""``python -m spiking``: the command line."""

from spiking.cli import main

if __name__ == "__main__":
    main()
