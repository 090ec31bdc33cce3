"""The advisory lock of a deployment: its rows, its lease, taking it and giving it back."""
