"""The model as text and as JSON. Nothing here reads, writes or prints."""
