"""What is asked of each server: by raw requests, and in the words of a cell of a table."""
