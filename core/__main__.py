"""`python -m core` is the same as `precursor`."""

from core.cli import main

main()
