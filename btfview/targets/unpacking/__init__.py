"""BTF taken out of what it is wrapped in: compressions, archives, kernel images, within bounds."""
