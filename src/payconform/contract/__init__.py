"""The contract: the schemas and the clause register as data, what a document breaks of them, and the signature scheme."""

ENDPOINT_PATH = "/api/global/v1/pay/create-order"
"""Where orders are created, below the base URL of a target (guide, Create Order Endpoint)."""
