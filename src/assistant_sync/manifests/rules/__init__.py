"""What is valid: one manifest's shape and values, what must hold across files, and the desired assistant it makes."""
