"""Commands on kernels: their types, where they are at hand, queries made from them."""
