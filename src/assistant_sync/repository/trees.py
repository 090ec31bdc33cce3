"""What a tree is: the work tree or a commit."""

from __future__ import annotations

from typing import TypeAlias

from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.worktree import WorkTree

Tree: TypeAlias = WorkTree | CommitTree
