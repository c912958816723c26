# ===- contrib_movement_cases.py - Forms that move elements -*- Python -*-=== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""More of contrib_cases.py: movement, transforms, generation of text, experiments of ONNX."""

import numpy as np
import onnx
import onnx.reference

F16, F32 = np.float16, np.float32
EXACT = {"rtol": 0, "atol": 0}


def bicubic_at_the_border(x, grid):
    node = onnx.helper.make_node("GridSample", ["x", "grid"], ["y"], mode="cubic", padding_mode="border")
    types = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, value.shape)
             for name, value in (("x", x), ("grid", grid))]
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = onnx.helper.make_graph([node], "g", types, [result])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=9)
    return onnx.reference.ReferenceEvaluator(model).run(None, {"x": x, "grid": grid})[0]


def movement(cases):
    x = cases.reals(2, 3, 4)
    cases.add("Trilu", x, close=EXACT)
    cases.add("Trilu", x, np.int64(-1), upper=0, close=EXACT)
    cases.add("GatherND", x, np.int64([[0, 1], [1, 2]]), close=EXACT)
    cases.add("SampleOp", x, close=EXACT)
    for size in (1, 3, 6):
        # Well-conditioned: eliminations in other orders differ by some rounding.
        matrices = cases.reals(2, size, size) + 4 * np.eye(size, dtype=F32)
        cases.add("Inverse", matrices, free={0: {0: "n"}})
    cases.add("Inverse", F32([[0, 2], [1, 0]]), free={0: {0: "r"}})
    for axis in (np.int32([1]), np.int32(-1), np.int32(0)):
        cases.add("ExpandDims", x, axis, constants=(1,), close=EXACT)
    cases.add("Unique", F32([2, 1, 1, 3, 4, 3, -1, 2]), outputs=3, close=EXACT, free={0: {0: "n"}})
    cases.add("Range", F32(0), F32(2), F32(0.25), close=EXACT, constants=(0, 1, 2))
    cases.add("Range", np.int64([2]), np.int64([9]), np.int64([3]), close=EXACT, constants=(0, 1, 2))
    cases.add("Range", np.int32(0), np.int32(5), close=EXACT, constants=(0, 1))
    cases.add("Pad", cases.reals(2, 3), np.int64([0, 1, 1, 0]), F32([7]), constants=(1,), close=EXACT)
    cases.add("Pad", cases.reals(2, 3), np.int64([[0, 1, 1, 0]]), constants=(1,), mode="reflect", close=EXACT)
    cases.add("Pad", cases.reals(2, 3), np.int64([0, 1, 1, 0]), constants=(1,), mode="edge", close=EXACT)
    image, grid = cases.reals(1, 2, 5, 6), cases.reals(1, 3, 4, 2, scale=0.8)
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            # ONNX Runtime moves a place beyond the border to it before it weighs the neighbours, unlike the function
            # (PyTorch's) that its description names and that ONNX's reference follows.
            formula = bicubic_at_the_border if (mode, padding) == ("bicubic", "border") else None
            cases.add("GridSample", image, grid, mode=mode, padding_mode=padding, align_corners=int(mode == "nearest"),
                      formula=formula)
    for dim, size, step in ((-1, 3, 2), (0, 2, 1), (1, 2, 1)):
        cases.add("UnfoldTensor", cases.reals(2, 5, 8), dim=dim, size=size, step=step, close=EXACT)
    cases.add("UnfoldTensor", cases.reals(2, 9), dim=1, size=3, step=2, close=EXACT, free={0: {0: "n", 1: "s"}})


def generation(cases):
    for n in (1, 2, 3):
        cases.add("NGramRepeatBlock", cases.whole(0, 4, 2, 12), cases.reals(2, 6), ngram_size=n, close=EXACT,
                  free={0: {0: "n", 1: "s"}, 1: {0: "n"}})
    op, sizes = "BifurcationDetector", {"min_ngram_size": 1, "max_ngram_size": 3, "outputs": 2, "close": EXACT}
    source = np.int64([1, 2, 3, 4, 5, 2, 3])
    for current in ([1, 2], [9, 5], [3], [4, 5, 2, 3], [7]):
        cases.add(op, source, np.int64(current), np.int64(0), **sizes)
    for start, predicted in ((0, [1, 2, 3, 9, 9, 9, 9, 9]), (4, [5, 2, 3, 8]), (7, [4]), (3, [9, 9, 9, 9, 9])):
        cases.add(op, source, np.int64([1, 2]), np.int64(start), np.int64(predicted), **sizes)


def transforms(cases):
    # numpy's transforms, with the parts of complex numbers as a last dim; ONNX Runtime's are cuFFT's, scaled as numpy's.
    pairs = lambda z: np.stack([z.real, z.imag], -1).astype(F32)  # noqa: E731
    whole = lambda x: x[..., 0] + 1j * x[..., 1]  # noqa: E731
    cases.add("Rfft", cases.reals(2, 8), signal_ndim=1, normalized=0, onesided=1, formula=lambda x: pairs(np.fft.rfft(x)))
    cases.add("Rfft", cases.reals(2, 6, 8), signal_ndim=2, formula=lambda x: pairs(np.fft.rfft2(x)))
    cases.add("Irfft", cases.reals(2, 5, 2), signal_ndim=1, formula=lambda x: np.fft.irfft(whole(x)).astype(F32))
    cases.add("Irfft", pairs(np.fft.rfft2(cases.reals(2, 6, 8))), signal_ndim=2,
              formula=lambda x: np.fft.irfft2(whole(x)).astype(F32))


def experiments(cases):
    x = cases.reals(2, 3)
    cases.add("Affine", x, domain="", alpha=2.0, beta=0.5)
    cases.add("Scale", x, domain="", scale=1.5)
    cases.add("ScaledTanh", x, domain="", alpha=2.0, beta=0.5)
    cases.add("ParametricSoftplus", x, domain="", alpha=2.0, beta=0.5)
    cases.add("ThresholdedRelu", x, domain="", alpha=0.3)
    image = cases.reals(1, 3, 8, 9)
    cases.add("ImageScaler", image, domain="", scale=2.0, bias=[1.0, -2.0, 3.0])
    cases.add("Crop", image, domain="", border=[1, 2, 3, 1], close=EXACT)
    cases.add("Crop", image, domain="", border=[1, 2, 3, 1], scale=[4, 5], close=EXACT)


def fill(cases):
    for family in (movement, generation, transforms, experiments):
        family(cases)
