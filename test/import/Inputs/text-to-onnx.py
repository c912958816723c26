#!/usr/bin/env python3
"""Writes models given in ONNX's text form: text-to-onnx.py FOLDER, for each FOLDER/NAME.txt, FOLDER/NAME.onnx."""
import pathlib
import sys

import onnx.parser

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
    model = onnx.parser.parse_model(path.read_text())
    path.with_suffix(".onnx").write_bytes(model.SerializeToString())
