"""Constants of the router, chosen on wordings of the part `dev` of tests/fixtures/gaia/bank.toml."""

RIDGE = 0.3
# How much the wording of a question weighs beside its meaning.
LEXICAL = 0.5
MOST_TERMS = 4000
# What an example counts that is read from another language, whose words are less sure than those of English.
TRANSLATED = 0.5
# Below this probability of the best subroutine Gaia says that it does not know what to do.
THRESHOLD = 0.5
NONE = "none"
