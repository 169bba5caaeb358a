"""The fault catalogue."""

from schemas.reasons import REASONS


def test_every_code_is_under_its_own_name_with_all_its_texts():
    for code, reason in REASONS.items():
        assert reason.code == code
        assert reason.title_zh and reason.title_en and reason.action_zh


def test_the_catalogue_holds_every_error_of_the_domain():
    assert {f"E{n:02d}" for n in range(1, 34)} <= set(REASONS)
