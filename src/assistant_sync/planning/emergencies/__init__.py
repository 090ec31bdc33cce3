"""Plans of one change that somebody asked for by name: roll back, restore, let go."""
