"""What programs read, as JSON documents (docs/exit-codes.md).

Within ``format_version`` 1.x members are added, never renamed or removed.
"""
