# ===- errors.py - What can go wrong -*- Python -*-============================ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The exceptions of fsc, by who can mend what went wrong. All messages name the input, node or file."""


class Error(Exception):
    """The base of them all.

    `code` is that of the page in docs/diagnostics that says more, as "FSC-E204": of the first error, where a compilation
    reports several. `problems` has a dictionary for each error and warning of a compilation: severity, code, reason and
    remedy, with node, op and opset or a place where one is to blame.
    """

    code = "FSC-E901"
    problems: tuple[dict, ...] | list[dict] = ()


class ArgumentError(Error, ValueError):
    """The call itself is wrong: an option that does not exist, a number out of range."""

    code = "FSC-E401"


class InputError(Error, ValueError):
    """An array does not fit the model's signature, or holds a value that the model cannot take."""

    code = "FSC-E603"


class ModelError(Error):
    """The model is refused: it is damaged, of another version, or uses what is not supported."""

    code = "FSC-E601"


class NotFoundError(ModelError, FileNotFoundError):
    """The file of the model or of its weights is not there."""

    code = "FSC-E101"


class UnsupportedError(ModelError):
    """A good artefact, but compiled for another machine."""

    code = "FSC-E602"


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory to load or run the model."""

    code = "FSC-E604"


class InternalError(Error):
    """A defect of fsc."""
