"""Honest files with something wrong in them: seeded, so that a mutant that breaks something can be made again."""

import io
import itertools
import random
import re
import zipfile

from tests.transforms.books import WRITERS
from tests.transforms.test_every_format import form_as_sent

_TOKENS = (
    *(b"\x00", b"\xff\xff\xff\xff", b"<", b"</", b"]]>", b"&#0;", b"&#xD800;", b"<!--", b"<![CDATA[", b'"', b"'", b","),
    *(b"\r", b"\n", b"4294967296", b"-1", b"1e999", b"NaN", b"A1048577", b"XFD1", b"1048577", b"\xef\xbf\xbd", b"%s%n"),
    *(b"../", b't="s"', b't="e"', b'r="A1"', "花".encode(), "花".encode("gb18030"), b"<row>", b"<c/>"),
)
_NUMBER = re.compile(rb"\d+")
_EXTREMES = (b"0", b"-1", b"255", b"65536", b"4294967295", b"18446744073709551616", b"1e308", b"99999999999999999999")


def mutants(count, seed=2013):
    """Give (name, bytes) of so many mutants, all different, going round the formats."""
    seeds = {name: write([form_as_sent()]) for name, write in WRITERS.items()}
    names, seen = list(seeds), set(seeds.values())
    for number in itertools.count():
        name = names[number % len(names)]
        data = _mutated(seeds[name], random.Random(f"{seed}-{number}"))
        if data not in seen:
            seen.add(data)
            yield f"mutant {number} of {name}", data
        if len(seen) == count + len(set(seeds.values())):
            return


def _mutated(data, chance):
    if data.startswith(b"PK") and chance.random() < 0.8:
        return _mutated_part(data, chance)
    return _changed(data, chance)


def _mutated_part(data, chance):
    """Change one part and pack it again: a checksum that is right lets the change through to the reader."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            part = old.read(name)
            new.writestr(zipfile.ZipInfo(name), _changed(part, chance) if name == chosen else part)
    return buffer.getvalue()


def _changed(data, chance):
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        at = chance.randrange(len(data))
        size = chance.randint(1, 40)
        match chance.randrange(7):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + size] = chance.randbytes(min(size, len(data) - at))
            case 2:
                del data[at : at + size]
            case 3:
                data[at:at] = data[at : at + size * 10]
            case 4:
                data[at:at] = chance.choice(_TOKENS)
            case 5:
                numbers = list(_NUMBER.finditer(bytes(data)))
                if numbers:
                    found = chance.choice(numbers)
                    data[found.start() : found.end()] = chance.choice(_EXTREMES)
            case _:
                del data[len(data) - len(data) // chance.randint(2, 50) :]
    return bytes(data)
