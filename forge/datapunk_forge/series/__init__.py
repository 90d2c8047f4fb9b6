"""Learning from series over time: regular grids, models of statsforecast, intervals whose coverage was measured."""
