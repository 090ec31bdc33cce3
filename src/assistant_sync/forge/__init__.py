"""Forges, where pull requests live: what a plan leaves there."""
