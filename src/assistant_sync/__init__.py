"""GitOps for LangGraph assistants."""
