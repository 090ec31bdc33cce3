"""The model as text, Markdown and JSON, a folder for each. Nothing here reads, writes or prints."""
