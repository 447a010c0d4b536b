"""Numbers of telephones have one form, whatever was typed."""

import pytest

from netbill_tui.billing.customers.phones import (
    international_phone,
    is_valid_phone,
    normal_phone,
)


@pytest.mark.parametrize(("typed", "country", "normal"), [
    ("+44 20 7946 0199", "GB", "442079460199"), ("020 7946 0199", "GB", "442079460199"), ("0049 30 1234", "GB", "49301234"),
    ("030 1234", "DE", "49301234"), ("555-0132", "", "5550132"), ("06 30 123", "HU", "3630123"), ("（02）1234", "IT", "39021234"),
])  # fmt: skip
def test_phones_have_one_normal_form(typed, country, normal):
    assert normal_phone(typed, country) == normal


@pytest.mark.parametrize(("typed", "country", "normal"), [
    ("011 44 20 7946 0199", "US", "442079460199"), ("+44 (0)20 7946 0199", "US", "442079460199"), ("9123 4567", "SG", "6591234567"),
    ("050 123 4567", "AE", "971501234567"), ("011 15-2345-6789", "AR", "5491123456789"), ("081 234 5678", "TH", "66812345678"),
    ("030 1234567", "DE", "49301234567"), ("555-0132", "", "5550132"), ("11", "DE", "4911"), ("no number", "DE", "49"),
])  # fmt: skip
def test_numbers_are_read_by_the_plan_of_every_country(typed, country, normal):
    assert international_phone(typed, country) == normal


@pytest.mark.parametrize(("typed", "valid"), [
    ("+4915123456789", True), ("0049 151 23456789", True), ("+44 20 7946 0199", True), ("015123456789", False), ("+4222222222222", False),
    ("+4111111111111111", False), ("4111111111111111", False), ("+", False), ("+49 1", False),
])  # fmt: skip
def test_a_number_with_its_country_code_is_known_by_its_plan(typed, valid):
    assert is_valid_phone(typed) == valid


@pytest.mark.parametrize("typed", ["020 7946 0123", "20 7946 0123", "+44 20 7946 0123", "0044 20 7946 0123"])
def test_a_number_typed_without_its_trunk_prefix_is_the_same_number(typed: str):
    assert international_phone(typed, "GB") == "442079460123"
