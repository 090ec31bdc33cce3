"""GitHub: the run of a workflow, and what a plan leaves on the pull request."""
