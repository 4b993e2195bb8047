"""A small shop, only there to be typed into."""

from dataclasses import dataclass, field


@dataclass
class Item:
    """Something that can be bought."""

    name: str
    price: float
    tags: list[str] = field(default_factory=list)

    def matches(self, word: str) -> bool:
        return word in self.name or word in self.tags


@dataclass
class Basket:
    """What a customer has taken so far."""

    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.items.append(item)

    def remove(self, name: str) -> None:
        self.items = [item for item in self.items if item.name != name]

    def find(self, word: str) -> list[Item]:
        return [item for item in self.items if item.matches(word)]

    def total(self) -> float:
        return sum(item.price for item in self.items)

    def cheapest(self) -> Item | None:
        if not self.items:
            return None
        return min(self.items, key=lambda item: item.price)


def receipt(basket: Basket) -> str:
    lines = [f"{item.name}: {item.price:.2f}" for item in basket.items]
    lines.append(f"total: {basket.total():.2f}")
    return "\n".join(lines)
