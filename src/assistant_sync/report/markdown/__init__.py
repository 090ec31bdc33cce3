"""What people read on a forge, in GitHub's Markdown."""
