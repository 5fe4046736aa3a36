"""A report of ``check`` as text, one module a format: for people, for GitHub, GitLab, CI servers, editors."""
