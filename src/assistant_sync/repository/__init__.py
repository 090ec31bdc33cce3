"""Git alone: the work tree, which files it tracks, and how commits relate."""
