"""The sections of the compliance report: each a pure function from an account to what its template shows."""
