"""Chapter I: nothing of the card comes back, judged on everything the target sent."""

from payconform.authoring import Invariants

card_data = Invariants("No card number and no CVV comes back, and a masked number hides enough", ("PC-01", "PC-03"))
