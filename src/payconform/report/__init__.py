"""Every report of a run, each a pure function of its journal's records and the clause register."""
