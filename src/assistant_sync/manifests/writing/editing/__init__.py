"""Edits of YAML text, character by character: the nodes, their places, and what is written in their place."""
