"""A page that prices the designs of a run or a sweep anew in the browser."""

from spiking.study.explorer.data import collect
from spiking.study.explorer.form import Form, form_of
from spiking.study.explorer.page import page
from spiking.study.explorer.points import Point

__all__ = ["Form", "Point", "collect", "form_of", "page"]
