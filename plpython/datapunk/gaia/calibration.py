"""Constants of the router, chosen on wordings of the part `dev` of tests/fixtures/gaia/bank.toml."""

RIDGE = 0.3
# How much the wording of a question weighs beside its meaning.
LEXICAL = 0.5
MOST_TERMS = 4000
# Below this probability of the best subroutine Gaia says that it does not know what to do.
THRESHOLD = 0.5
NONE = "none"
