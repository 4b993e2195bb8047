"""A basket of goods."""

from dataclasses import dataclass, field


@dataclass
class Item:
    name: str
    price: float


@dataclass
class Basket:
    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.items.append(item)

    def total(self) -> float:
        return sum(item.price for item in self.items)

    def remove(self, name: str) -> None:
        self.items = [item for item in self.items if item.name != name]

    def cheaper_than(self, price: float) -> list[Item]:
        return [item for item in self.items if item.price < price]


class Till:
    """Rings up baskets.

    One a checkout.
    """

    def __init__(self, name: str, *, currency="EUR"):
        self.name = name
        self.currency = currency
        self.sums = {"cash": 0, "card": 0}

    @property
    def label(self) -> str:
        return f"{self.name} ({self.currency})"

    def pay(self, amount, kind="cash"):
        if kind not in self.sums:
            raise ValueError(f"no such kind: {kind!r}")
        try:
            self.sums[kind] += amount
        except TypeError as error:
            print("not a number", error)
        else:
            return self.sums[kind]

    async def report(self, send):
        for kind, total in sorted(self.sums.items()):
            await send(
                kind,
                total,  # in cents
            )
