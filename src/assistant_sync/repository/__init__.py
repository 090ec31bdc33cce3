"""Git alone: a tree is the work tree or a commit; which files git tracks, and how commits relate."""
