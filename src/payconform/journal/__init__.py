"""The journal of a run: masks what is recorded, writes it as it happens, reads it back."""
