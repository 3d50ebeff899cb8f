"""What touches the world: the HTTP transport, the callback receiver, the payer and the signers."""
