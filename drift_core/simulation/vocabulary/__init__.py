"""The dozen topics that simulated texts speak of, in a fixed order: scenarios name them, seeds rely on them."""

from drift_core.simulation.vocabulary.affairs import MEDICINES, TAXES, VISAS, WALLETS
from drift_core.simulation.vocabulary.home import CHARGING, GARDENING, PETS, RECIPES
from drift_core.simulation.vocabulary.shop import DELIVERY, LAPTOPS, LOGIN, REFUNDS
from drift_core.simulation.vocabulary.topic import Intent, Topic

TOPICS: dict[str, Topic] = {
    each.name: each
    for each in (
        DELIVERY,
        RECIPES,
        LAPTOPS,
        GARDENING,
        LOGIN,
        TAXES,
        CHARGING,
        PETS,
        REFUNDS,
        MEDICINES,
        VISAS,
        WALLETS,
    )
}

__all__ = ["TOPICS", "Intent", "Topic"]
