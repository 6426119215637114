"""Which homes heat with gas, which with electricity, and what will their energy cost?

Start reading at :mod:`case_heating.journey`.
"""

__version__ = "0.1.0"
