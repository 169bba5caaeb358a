"""A programme year of realistic workbooks from the plan and a seed: the inverse of reading."""

from transforms.sample.make import InjectedFault, SampleFile, SampleYear, make_year

__all__ = ["InjectedFault", "SampleFile", "SampleYear", "make_year"]
