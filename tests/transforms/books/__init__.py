"""One content, written in every format senders use: what is put in is the measure of what is read.

Each format's writer is small and independent of the reader it is for: XlsxWriter, xlwt, and text or records by hand.
A format leaves out what it cannot carry; ``CARRIES`` says what that is.
"""

from tests.transforms.books.content import CARRIES, Error, Formula, Page, Percent, plain, shown
from tests.transforms.books.ods import ods
from tests.transforms.books.texts import html, text, xml2003
from tests.transforms.books.xls import xls
from tests.transforms.books.xlsb import xlsb
from tests.transforms.books.xlsx import xlsm, xlsx

WRITERS = {
    "xlsx": xlsx,
    "xlsm": xlsm,
    "xlsb": xlsb,
    "xls": xls,
    "et": xls,
    "ods": ods,
    "xml2003": xml2003,
    "html": html,
    "csv": lambda pages, epoch_1904=False: text(pages),
}
"""A writer for each format, by the name it goes by here."""

SUFFIXES = {"xml2003": "xls", "html": "xls"}
"""Under which suffix senders save it, where that is not the format's name."""

__all__ = ["CARRIES", "SUFFIXES", "WRITERS", "Error", "Formula", "Page", "Percent", "html", "plain", "shown", "text"]
