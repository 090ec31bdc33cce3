"""What a pull does with files: in memory first, read again, and only then written."""
