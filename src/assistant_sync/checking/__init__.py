"""Pure verdicts on answers: what a run was asked, what it answered, and whether that is as expected."""
