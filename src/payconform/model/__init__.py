"""The words of the harness as frozen values without I/O.

Everything a run records is a `msgspec.Struct`, so the journal is these values as JSON and nothing else.
"""
