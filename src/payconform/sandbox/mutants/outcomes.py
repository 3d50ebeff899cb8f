"""What mutants share that change an outcome after it was told."""

import asyncio

from payconform.sandbox.order import Order
from payconform.sandbox.provider import Provider


class TellsEachOutcome(Provider):
    """A provider that tells the merchant of every outcome, as it was: told by the latest alone, nobody could compare them."""

    async def notify(self, order: Order) -> None:
        documents = self.callback_documents(order)
        await asyncio.sleep(self.callback_delay(order))
        for document in documents:
            await self.deliver(order, document)
