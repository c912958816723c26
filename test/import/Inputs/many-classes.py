#!/usr/bin/env python3
"""Prints a model in ONNX's text form with more categories and classes than fsc makes tables for."""
CATEGORIES, CLASSES = 5000, 513


def numbers(value, count: int) -> str:
    return ", ".join([str(value)] * count)


labels = ", ".join(str(i) for i in range(CATEGORIES))
print(f"""<ir_version: 8, opset_import: ["" : 15, "ai.onnx.ml" : 1]>
many (float[2, 1] x, int64[2] n) => (float[a] y) {{
  a = ai.onnx.ml.OneHotEncoder<zeros = 0, cats_int64s = [{labels}]>(n)
  b, c = ai.onnx.ml.SVMClassifier<classlabels_ints = [{numbers(1, CLASSES)}], vectors_per_class = [1, {numbers(0, CLASSES - 1)}],
      support_vectors = [1.0], coefficients = [{numbers(1.0, CLASSES - 1)}], rho = [{numbers(1.0, CLASSES * (CLASSES - 1) // 2)}]>(x)
  y = Identity(x)
}}""")
