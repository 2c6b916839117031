"""Headless scoring tests: `*.test.yaml` files, run by `xrlab test` or by pytest through xrlab's plugin."""
