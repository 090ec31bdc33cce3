"""Looking at a target: who owns its assistants, what may be wrong, and what it was measured to do."""
