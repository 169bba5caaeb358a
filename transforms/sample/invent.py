"""Values nobody planned, made up from the seed and a key: the same key always gives the same value.

People, phones and firms are made to be seen through: a character of the giver's name says 拟 (supposed) or 试 (trial),
and phones stand in one block of zeros.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Choice = TypeVar("Choice")

_SURNAMES = "赵钱孙李周吴郑王冯陈"
_MIDDLE = "拟试虚"
_LAST = "一二三四五六七八九"


def below(limit: int, seed: int, *key: object) -> int:
    """Give a number from 0 up to, not including, ``limit``."""
    digest = blake2b("|".join(map(str, (seed, *key))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


def between(low: int, high: int, seed: int, *key: object) -> int:
    """Give a number in the closed range."""
    return low + below(high - low + 1, seed, *key)


def choose(choices: Sequence[Choice], seed: int, *key: object) -> Choice:
    """Give one of the choices."""
    return choices[below(len(choices), seed, *key)]


def person(seed: int, *key: object) -> str:
    """Give an invented person's name: 赵拟一."""
    return "".join(choose(signs, seed, "person", signs, *key) for signs in (_SURNAMES, _MIDDLE, _LAST))


def phone(seed: int, *key: object) -> str:
    """Give an invented mobile number of the right shape, in the block 1300000xxxx."""
    return f"1300000{below(10_000, seed, 'phone', *key):04d}"
