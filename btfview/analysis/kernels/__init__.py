"""Which kernels are asked, in which order, and the header that one of them has for C."""
