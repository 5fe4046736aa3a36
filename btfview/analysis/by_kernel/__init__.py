"""Many objects on many kernels: the unit of work is one kernel with all objects, and what comes back is what
is told of it, never a BTF."""
