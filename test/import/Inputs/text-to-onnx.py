#!/usr/bin/env python3
"""Writes models given in ONNX's text form: text-to-onnx.py FOLDER, for each FOLDER/NAME.txt, FOLDER/NAME.onnx.

The size `question_mark` of an input is named "?", which the text form cannot say.
"""
import pathlib
import sys

import onnx.parser

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
    model = onnx.parser.parse_model(path.read_text())
    for value in model.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param == "question_mark":
                dim.dim_param = "?"
    path.with_suffix(".onnx").write_bytes(model.SerializeToString())
