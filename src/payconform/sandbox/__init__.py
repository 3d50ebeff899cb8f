"""The embedded provider: conforming, on loopback, and made so that a mutant changes one behaviour in one place.

`server.Sandbox` runs it, `profile.sandbox_profile` describes it, `mutants` breaks it and `variants` makes it differ lawfully.
"""
