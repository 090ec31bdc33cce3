"""Checks: the questions that a team asks of its assistants, as files have them."""
