"""Normal forms of the labels people print: headers, code words, total and footer words. Never used on data text."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=65536)
def normalise_label(text: str) -> str:
    """Give a printed label its one comparable form.

    NFKC (full width to half width, ㎡ to m2), every blank dropped (U+3000, NBSP and newlines too), lower case,
    a trailing colon dropped. ``"施工 单位（盖章）："`` becomes ``"施工单位(盖章)"``.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(folded.split()).rstrip(":：")
