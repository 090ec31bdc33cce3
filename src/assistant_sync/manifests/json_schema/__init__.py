"""The JSON Schemas by which editors complete and check what users write; pure, and free of URLs."""
