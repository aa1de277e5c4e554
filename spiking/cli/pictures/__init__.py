"""Commands that show what others found: figures, and a page to move prices on."""
