import pytest

from uploader.choosing.budgets.money import NANO, frame_cost
from uploader.choosing.settings import PriceSettings

FREE = PriceSettings(put=0, gigabyte_month=0)


def cost(prices: PriceSettings, size_bytes: int = 0, records_put: float = 1.0) -> float:
    return frame_cost(prices, size_bytes, records_put) / NANO


def test_a_frame_costs_two_requests_and_a_month_of_storage() -> None:
    assert cost(PriceSettings(), 100_000) == pytest.approx(2 * 0.000005 + 0.0001 * 0.023)


def test_the_share_of_the_records_request_can_be_told() -> None:
    assert cost(PriceSettings(), 0, records_put=0.02) == pytest.approx(0.000005 * 1.02)


def test_sending_and_labels_cost_what_they_are_said_to() -> None:
    prices = FREE.model_copy(update={"gigabyte_sent": 2.0, "label": 0.08})
    assert cost(prices, 500_000) == pytest.approx(0.001 + 0.08)


def test_what_costs_something_never_costs_nothing() -> None:
    assert frame_cost(FREE.model_copy(update={"gigabyte_month": 0.001}), 1) == 1
    assert frame_cost(FREE, 1) == 0
