"""The broker of a rig: accounts, an order flow, sessions, keys, faults on command. It records everything.

It takes nobody's word: violations, positions and losses come from its own record, and the judge's figures from there.
"""
