"""Constants that turn linear scores into probabilities, and where Gaia declines.

Fitted by tests/bench/calibrate_router.py on the part `fit` of tests/fixtures/gaia/wordings.toml, none of whose wordings
is a routing example: TEMPERATURE minimises the log loss (Guo et al. 2017, On Calibration of Modern Neural Networks).
"""

RIDGE = 3.0
TEMPERATURE = 18.5
# Below this probability of the best subroutine Gaia says that it does not know what to do.
THRESHOLD = 0.4
NONE = "none"
