"""Blank forms: what a sender fills in, made from the form, its layout and its code lists."""

from __future__ import annotations

from transforms.template.drawing import BlankForm, blank_form
from transforms.template.plan import NoBlankFormError, Plan, plan_form

__all__ = ["BlankForm", "NoBlankFormError", "Plan", "blank_form", "plan_form"]
