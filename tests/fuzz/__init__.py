"""Fuzzing: a module a target, and one runner for all (``make fuzz TARGET=btf ARGS="--seconds 3600"``).

A target module has ``seeds()``, small inputs that are right, and ``run(data)``, which does with an input
what btfview does with it; it may raise :class:`btfview.errors.BtfviewError`. A target of texts also has
``mutate(random, seeds)``, which returns the next input. Everything else is a finding,
and so is what takes more than the limits of :mod:`.runner`. A new module here is a new target.
"""
