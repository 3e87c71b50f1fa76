"""The reference implementation of the contract in data/system.yml: the daemon `traderd`, its command line `traderctl`.

A release of the rig carries a copy of this folder and nothing else of the repository, so its modules import each
other relatively, and nothing from outside but PyYAML.
"""
