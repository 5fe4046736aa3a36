"""What ``check`` can find, rule by rule: an id, how grave it is, and the text that ``btfview rule ID`` shows.

A module for each place that rules come from; :mod:`.catalogue` has them all. Nothing of an analysis is
assumed.
"""
