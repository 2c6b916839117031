"""`python -m xrlab.cli`: the command without its script."""

from xrlab.cli import main

main()
