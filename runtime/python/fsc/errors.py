# ===- errors.py - What can go wrong -*- Python -*-============================ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The exceptions of fsc, by who can mend what went wrong. All messages name the input, node or file."""


class Error(Exception):
    """The base of them all."""


class ArgumentError(Error, ValueError):
    """The call itself is wrong: an option that does not exist, a number out of range."""


class InputError(Error, ValueError):
    """An array does not fit the model's signature, or holds a value that the model cannot take."""


class ModelError(Error):
    """The model is refused: it is damaged, of another version, or uses what is not supported."""


class NotFoundError(ModelError, FileNotFoundError):
    """The file of the model or of its weights is not there."""


class UnsupportedError(ModelError):
    """A good artefact, but compiled for another machine."""


class OutOfMemoryError(Error, MemoryError):
    """There is not enough memory to load or run the model."""


class InternalError(Error):
    """A defect of fsc."""
