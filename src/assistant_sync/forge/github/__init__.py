"""GitHub: its REST API, the run of a workflow, and the comment on a pull request."""
