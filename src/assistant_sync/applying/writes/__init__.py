"""One file for each kind of write, and what they share."""
