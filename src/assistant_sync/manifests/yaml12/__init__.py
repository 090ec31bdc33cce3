"""YAML 1.2, read strictly: bytes to text, text to values, and the line and column of each value."""
