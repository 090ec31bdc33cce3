"""A command's report on a forge: what a plan or a failure leaves on a pull request."""
