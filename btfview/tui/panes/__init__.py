"""Panes of the workbench: each shows the rows it is given and says what the user did; none knows another."""
