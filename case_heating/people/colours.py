"""Colours of charts, on paper and on pages: those of Okabe and Ito, which people with colour blindness tell apart.

Vermilion is gas, blue is electricity, green is the machine, grey is the naive answer.

References
----------
.. [1] M. Okabe and K. Ito, "Color universal design", 2008, https://jfly.uni-koeln.de/color/
"""

INK, SOFT, RULE, PAPER = "#1b1f24", "#5b6470", "#d8dde3", "#ffffff"
GAS, ELECTRICITY, MACHINE, NAIVE = "#d55e00", "#0072b2", "#009e73", "#8a929c"
