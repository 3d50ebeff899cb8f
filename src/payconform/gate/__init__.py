"""The release gate: pure functions from findings, policy, waivers, baseline and time to a ruling, and what feeds them."""
