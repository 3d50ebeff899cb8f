"""Chapter D: what every create-order reply keeps, judged on all replies of a run."""

from payconform.authoring import Invariants

media_type = Invariants("Replies are JSON, and a client's mistake is no server error", ("EP-02", "EP-08"))

envelope = Invariants("Success and refusal have their envelope", ("RS-01", "RS-02", "RS-03", "RS-19", "RS-20", "RS-21"))

ids = Invariants(
    "Ids are there, agree and are never given twice", ("RS-04", "RS-05", "RS-06", "RS-07", "RS-08", "RS-09", "RS-17")
)

states = Invariants("States are integers, and no order is paid before its payer acted", ("RS-10", "RS-11", "RS-12"))

pay_data = Invariants("payDataType and payData agree, in every spelling of nothing", ("RS-13", "RS-14", "RS-15", "RS-16"))

cashier = Invariants("A cashier reply names the provider's page", ("CA-02", "CA-04"))
