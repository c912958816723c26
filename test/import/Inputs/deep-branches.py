#!/usr/bin/env python3
"""Writes a model with branches within branches: deep-branches.py DEPTH MODEL."""
import pathlib
import sys

import onnx.parser

text = "v = Relu(x)"
for level in range(int(sys.argv[1])):
    text = f"""w{level} = If (c) <then_branch = t () => (float[2] v) {{ {text} }}, else_branch = e () => (float[2] u) {{ u = Neg(x) }}>
      v = Identity(w{level})"""
model = onnx.parser.parse_model(f"""<ir_version: 8, opset_import: ["" : 13]>
  m (bool c, float[2] x) => (float[2] y) {{ {text}
  y = Identity(v) }}""")
pathlib.Path(sys.argv[2]).write_bytes(model.SerializeToString())
