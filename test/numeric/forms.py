# ===- forms.py - Forms that ONNX's node tests do not have -*- Python -*-=========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""One table of forms of operators, -O0 and -O2, against ONNX's reference evaluator or a formula.

Each case is a node, or a few, with its inputs, once with the sizes known to the compiler and once without. A formula
stands where the reference has no such form, or differs from ONNX's text.
"""

import itertools
import sys

import fsc
import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

RANDOM = np.random.default_rng(9)
# Sums of some hundred products of numbers around 1, in another order; and the same in 11 bits.
REAL, HALF = {"rtol": 2e-5, "atol": 2e-5}, {"rtol": 2e-3, "atol": 4e-3}
EXACT = {"rtol": 0, "atol": 0}


def reals(*shape, dtype=np.float32):
    return RANDOM.standard_normal(shape).astype(dtype)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def model(nodes, inputs, outputs, constants, known, opset):
    def dims(name, array):
        return list(array.shape) if known else [f"{name}_{axis}" for axis in range(array.ndim)]

    def kind(array):
        return helper.np_dtype_to_tensor_dtype(array.dtype)

    values = [helper.make_tensor_value_info(name, kind(array), dims(name, array)) for name, array in inputs.items()]
    graph = helper.make_graph(nodes, "case", values, [helper.make_empty_tensor_value_info(name) for name in outputs],
                              [numpy_helper.from_array(array, name) for name, array in constants.items()])
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.preview.training", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


class Case:
    def __init__(self, name, nodes, inputs, outputs=("y",), constants=None, formula=None, close=REAL, opset=22, sizes=(True, False)):
        self.name, self.nodes, self.inputs, self.outputs = name, nodes, inputs, outputs
        self.constants, self.formula, self.close, self.opset, self.sizes = constants or {}, formula, close, opset, sizes

    def expected(self):
        if self.formula:
            return self.formula(**self.inputs)
        proto = model(self.nodes, self.inputs, self.outputs, self.constants, True, self.opset)
        return ReferenceEvaluator(proto).run(None, self.inputs)

    def check(self) -> bool:
        good = True
        wanted = self.expected()
        for known, level in itertools.product(self.sizes, (0, 2)):
            where = f"{self.name} -O{level}, sizes {'known' if known else 'not known'}"
            try:
                proto = model(self.nodes, self.inputs, self.outputs, self.constants, known, self.opset)
                results = fsc.compile(proto, opt_level=level).run(self.inputs)
                for got, want in zip(results.values(), wanted, strict=True):
                    want = np.asarray(want)
                    assert got.dtype == want.dtype and got.shape == want.shape, f"got {got.dtype} {got.shape}, expected {want.dtype} {want.shape}"
                    wide = np.complex128 if got.dtype.kind == "c" else np.float64
                    np.testing.assert_allclose(got.astype(wide), want.astype(wide), **self.close)
            except (fsc.Error, AssertionError) as error:
                print(f"{where}: {error}")
                good = False
        return good


# Deformable convolutions


def deform(x, w, offset, b=None, mask=None, pads=None, strides=None, dilations=None, group=1, offset_group=1):
    """By the definition, for any number of dims, in f64."""
    spatial = x.ndim - 2
    kernel, taps = w.shape[2:], int(np.prod(w.shape[2:]))
    pads, strides, dilations = pads or [0] * 2 * spatial, strides or [1] * spatial, dilations or [1] * spatial
    sizes = offset.shape[2:]
    y = np.zeros((x.shape[0], w.shape[0], *sizes))
    offset = offset.astype(np.float64).reshape(x.shape[0], offset_group, taps, spatial, *sizes)
    mask = np.ones((x.shape[0], offset_group * taps, *sizes)) if mask is None else mask.astype(np.float64)
    mask = mask.reshape(x.shape[0], offset_group, taps, *sizes)
    per_group, per_offset, filters = w.shape[1], x.shape[1] // offset_group, w.shape[0] // group

    def element(n, c, place):
        total = 0.0
        low = np.floor(place).astype(int)
        for corner in itertools.product((0, 1), repeat=spatial):
            at = low + corner
            weight = np.prod([t - l if side else 1 - (t - l) for t, l, side in zip(place, low, corner)])
            if all(0 <= a < s for a, s in zip(at, x.shape[2:])):
                total += weight * float(x[(n, c, *at)])
        return total

    for n, m, *at in itertools.product(range(x.shape[0]), range(w.shape[0]), *map(range, sizes)):
        total = 0.0 if b is None else float(b[m])
        for i, (tap, k) in itertools.product(range(per_group), enumerate(itertools.product(*map(range, kernel)))):
            c = m // filters * per_group + i
            o = c // per_offset
            place = np.array([at[d] * strides[d] - pads[d] + k[d] * dilations[d] for d in range(spatial)])
            place = place + offset[(n, o, tap, slice(None), *at)]
            total += element(n, c, place) * mask[(n, o, tap, *at)] * float(w[(m, i, *k)])
        y[(n, m, *at)] = total
    return y


def deformed(name, x, w, sizes, bias=False, masked=False, dtype=np.float32, close=REAL, **attributes):
    spatial, taps = len(x) - 2, int(np.prod(w[2:])) * attributes.get("offset_group", 1)
    inputs = {"x": reals(*x, dtype=dtype), "w": reals(*w, dtype=dtype),
              "offset": (2 * reals(x[0], taps * spatial, *sizes)).astype(dtype)}
    if bias:
        inputs["b"] = reals(w[0], dtype=dtype)
    if masked:
        inputs["mask"] = reals(x[0], taps, *sizes, dtype=dtype)
    names = ["x", "w", "offset", "b" if bias else "", "mask" if masked else ""]
    while not names[-1]:
        names.pop()

    def formula(**values):
        return [deform(**values, **attributes).astype(dtype)]

    # The filter's sizes are always known.
    constants = {"w": inputs.pop("w")}
    case = Case(f"deform_conv_{name}", [node("DeformConv", names, ["y"], **attributes)], inputs, constants=constants, close=close)
    case.formula = lambda **values: formula(**values, **constants)
    return case


def deformations():
    yield deformed("plain", (1, 2, 5, 4), (3, 2, 2, 2), (4, 3))
    yield deformed("all", (2, 4, 7, 6), (6, 2, 3, 2), (4, 4), bias=True, masked=True, group=2, offset_group=4,
                   pads=[1, 0, 2, 1], strides=[2, 1], dilations=[1, 3])
    yield deformed("depthwise", (1, 3, 4, 4), (3, 1, 3, 3), (4, 4), group=3, offset_group=3, masked=True, pads=[1, 1, 1, 1])
    yield deformed("line", (2, 2, 9), (2, 2, 3), (7,), bias=True)
    yield deformed("volume", (1, 2, 3, 4, 3), (2, 1, 2, 2, 2), (2, 3, 2), group=2, masked=True)
    yield deformed("f64", (1, 2, 4, 4), (2, 2, 2, 2), (3, 3), dtype=np.float64, masked=True)
    yield deformed("f16", (1, 2, 4, 4), (2, 2, 2, 2), (3, 3), dtype=np.float16, close={"rtol": 2e-2, "atol": 2e-2})


# Fourier transforms


def transforms():
    for size in (1, 2, 3, 4, 8, 10, 30, 49, 97):
        x = reals(2, size, 2)
        yield Case(f"dft_inverse_{size}", [node("DFT", ["x", "", "axis"], ["y"], inverse=1)], {"x": x},
                   constants={"axis": np.int64(1)}, sizes=(True,))
    x = reals(2, 6, 5, 2)
    for axis, length in ((0, None), (-2, 3), (1, 8), (-3, None)):
        for real, onesided, inverse in ((False, 0, 0), (True, 0, 0), (True, 1, 0), (False, 0, 1), (False, 1, 1)):
            data = np.ascontiguousarray(x[..., :1]) if real else x
            constants = {"axis": np.int64(axis)} | ({"n": np.int64(length)} if length else {})
            names = ["x", "n" if length else "", "axis"]
            yield Case(f"dft_{axis}_{length}_{'real' if real else 'complex'}_{onesided}_{inverse}",
                       [node("DFT", names, ["y"], onesided=onesided, inverse=inverse)], {"x": data}, constants=constants,
                       sizes=(True,))
    signal = reals(2, 32)
    for shape in ((2, 32), (2, 32, 1)):
        yield Case(f"stft_{len(shape)}", [node("STFT", ["x", "step", "w"], ["y"])], {"x": signal.reshape(shape)},
                   constants={"step": np.int64(5), "w": np.hanning(8).astype(np.float32)}, opset=17, sizes=(True,),
                   formula=lambda x: [np.stack([(f := np.fft.rfft(frames * np.hanning(8).astype(np.float32))).real, f.imag], -1).astype(np.float32)
                                      for frames in [np.stack([x.reshape(2, 32)[:, i : i + 8] for i in range(0, 25, 5)], 1)]])
    # The axis and the length from data; an inverse of real numbers; types; the form of opset 17.
    inputs = {"x": x, "n": np.int64(7), "axis": np.int64(2)}
    yield Case("dft_open", [node("DFT", ["x", "n", "axis"], ["y"], inverse=1)], inputs, sizes=(True,))
    yield Case("dft_inverse_real", [node("DFT", ["x"], ["y"], inverse=1)], {"x": np.ascontiguousarray(x[..., :1])}, sizes=(True,))
    yield Case("dft_inverse_f64", [node("DFT", ["x"], ["y"], inverse=1)], {"x": reals(3, 9, 2, dtype=np.float64)}, sizes=(True,))
    yield Case("dft_inverse_f16", [node("DFT", ["x"], ["y"], inverse=1)], {"x": reals(3, 9, 2, dtype=np.float16)}, close=HALF,
               sizes=(True,))
    yield Case("dft_17", [node("DFT", ["x"], ["y"], inverse=1, axis=2)], {"x": x}, opset=17, sizes=(True,))
    yield Case("dft_17_default", [node("DFT", ["x", "n"], ["y"], inverse=1)], {"x": x}, constants={"n": np.int64(4)}, opset=17,
               sizes=(True,))


# Complex numbers, which are only moved


def complexes():
    for dtype in (np.complex64, np.complex128):
        x = (reals(2, 3, 4) + 1j * reals(2, 3, 4)).astype(dtype)
        one = (reals(1) + 1j * reals(1)).astype(dtype)
        where = RANDOM.integers(0, 2, (3, 4)) > 0
        integers = {"i": np.int64([2, 0, -1]), "s": np.int64([1]), "e": np.int64([-1]), "a": np.int64([2]), "two": np.int64([2, 1, 3])}
        forms = {
            "flatten": [node("Flatten", ["x"], ["y"], axis=2)],
            "transpose": [node("Transpose", ["x"], ["y"], perm=[2, 0, 1])],
            "gather": [node("Gather", ["x", "i"], ["y"], axis=2)],
            "slice": [node("Slice", ["x", "s", "e", "a"], ["y"])],
            "concat": [node("Concat", ["x", "x"], ["y"], axis=1)],
            "split": [node("Split", ["x"], ["p", "q"], axis=0, num_outputs=2), node("Concat", ["q", "p"], ["y"], axis=2)],
            "where": [node("Where", ["c", "x", "one"], ["y"])],
            "tile": [node("Tile", ["x", "two"], ["y"])],
            "pad": [node("Constant", [], ["pads"], value_ints=[0, 1, 0, 1, 0, 2]), node("Pad", ["x", "pads", "one0"], ["y"])],
            "pad_zero": [node("Constant", [], ["pads"], value_ints=[0, 1, 0, 1, 0, 2]), node("Pad", ["x", "pads"], ["y"])],
            "trilu": [node("Trilu", ["x"], ["y"], upper=0)],
            "expand": [node("Constant", [], ["shape"], value_ints=[2, 3]), node("Expand", ["one", "shape"], ["y"])],
            "identity": [node("Identity", ["x"], ["y"])],
        }
        constants = {"one": one, "one0": one.reshape(()), "c": where, **integers}
        for name, nodes in forms.items():
            used = {i for n in nodes for i in n.input}
            yield Case(f"{np.dtype(dtype).name}_{name}", nodes, {"x": x} if "x" in used else {"one": one},
                       constants={k: v for k, v in constants.items() if k in used and (k != "one" or "x" in used)}, close=EXACT,
                       sizes=(True, False) if name in ("flatten", "concat") else (False,))


# Gradients


def gradients():
    """By differences of the value in f64, to the number of digits that those have."""
    import onnx

    def gradient(name, text, inputs, xs, zs=()):
        graph = onnx.parser.parse_graph(text)
        grads = [f"d{x}" for x in xs]
        last = node("Gradient", [*xs, *zs], grads, domain="ai.onnx.preview.training", xs=list(xs), y="loss", **({"zs": list(zs)} if zs else {}))

        def loss(values):
            proto = model(list(graph.node), values, ["loss"], {}, True, 22)
            return float(ReferenceEvaluator(proto).run(None, values)[0])

        def formula(**values):
            results, step = [], 1e-6
            for x in xs:
                slope = np.zeros_like(values[x])
                for at in np.ndindex(slope.shape):
                    moved = {k: v.copy() for k, v in values.items()}
                    moved[x][at] += step
                    up = loss(moved)
                    moved[x][at] -= 2 * step
                    slope[at] = (up - loss(moved)) / (2 * step)
                results.append(slope)
            return results

        return Case(f"gradient_{name}", [*graph.node, last], inputs, grads, formula=formula, close={"rtol": 1e-5, "atol": 1e-6},
                    sizes=(True,))

    def positive(*shape):
        return np.abs(reals(*shape, dtype=np.float64)) + 0.5

    def real(*shape):
        return reals(*shape, dtype=np.float64)

    yield gradient("elementwise", """g (double[3] a, double[2, 3] b) => (double loss) {
        s = Add (a, b)  m = Mul (s, a)  d = Div (m, b)  t = Tanh (d)  e = Sigmoid (b)  u = Sub (t, e)
        p = Exp (u)  q = Sqrt (p)  l = Log (q)  n = Neg (l)  r = Reciprocal (p)  w = Sum (n, r, a)
        sn = Sin (w)  cs = Cos (sn)  sp = Softplus (cs)
        loss = ReduceSum <keepdims = 0> (sp) }""", {"a": positive(3), "b": positive(2, 3)}, ["a", "b"])
    yield gradient("matmul", """g (double[2, 3, 4] a, double[4, 5] b, double[5] c) => (double loss) {
        m = MatMul (a, b)  s = Add (m, c)  r = Relu (s)  v = LeakyRelu <alpha = 0.3> (r)
        t = Transpose <perm = [1, 0, 2]> (v)  f = Flatten (t)  x = Softmax <axis = 1> (f)  y = Mul (x, f)
        loss = ReduceMean <keepdims = 0> (y) }""", {"a": real(2, 3, 4), "b": real(4, 5), "c": real(5)}, ["a", "b", "c"])
    for ta, tb in itertools.product((0, 1), (0, 1)):
        a, b = (real(3, 2) if ta else real(2, 3)), (real(4, 3) if tb else real(3, 4))
        yield gradient(f"gemm_{ta}{tb}", f"""g (double[{a.shape[0]}, {a.shape[1]}] a, double[{b.shape[0]}, {b.shape[1]}] b, double[4] c) => (double loss) {{
            m = Gemm <transA = {ta}, transB = {tb}, alpha = 0.5, beta = 2.0> (a, b, c)  s = Mul (m, m)
            loss = ReduceSum <keepdims = 0> (s) }}""", {"a": a, "b": b, "c": real(4)}, ["a", "b", "c"])
    yield gradient("pieces", """g (double[2, 3] a, double[2, 2] b, bool[2, 5] c) => (double loss) {
        u2 = Constant <value = double {2.0}> ()  j = Concat <axis = 1> (a, b)  k = Mul (j, j)  w = Where (c, k, j)  l = LogSoftmax <axis = 1> (w)
        ax = Constant <value_ints = [1]> ()  r = ReduceSum <keepdims = 0> (l, ax)  u = Unsqueeze (r, ax)  p = Pow (u, u2)
        loss = ReduceSum <keepdims = 0> (p) }""",
        {"a": real(2, 3), "b": real(2, 2), "c": RANDOM.integers(0, 2, (2, 5)) > 0}, ["a", "b"])
    # The reference has the error function in f32 alone.
    nodes = [node("Erf", ["a"], ["e"]), node("ReduceSum", ["e"], ["loss"], keepdims=0),
             node("Gradient", ["a"], ["y"], domain="ai.onnx.preview.training", xs=["a"], y="loss")]
    yield Case("gradient_erf", nodes, {"a": real(7)}, formula=lambda a: [2 / np.sqrt(np.pi) * np.exp(-a * a)], sizes=(True,))
    # One of them alone; what does not matter has a gradient of 0.
    yield gradient("one", "g (double[3] a, double[3] b) => (double loss) { m = Mul (a, b) loss = ReduceSum <keepdims = 0> (m) }",
                   {"a": real(3), "b": real(3)}, ["a"], ["b"])
    yield gradient("none", "g (double[3] a, double[2] b) => (double loss) { m = Mul (a, a) loss = ReduceSum <keepdims = 0> (m) }",
                   {"a": real(3), "b": real(2)}, ["a", "b"])
    # At other values than those of the graph.
    nodes = [node("Mul", ["a", "a"], ["s"]), node("ReduceSum", ["s"], ["loss"], keepdims=0),
             node("Gradient", ["b"], ["y"], domain="ai.onnx.preview.training", xs=["a"], y="loss")]
    yield Case("gradient_elsewhere", nodes, {"a": reals(3), "b": reals(3)}, formula=lambda a, b: [2 * b], sizes=(True,))


# Other forms


def long_sums():
    # In f32 the rounding of a sum of 300,000 terms, one after the other, shows in the fourth digit.
    x = (100 + RANDOM.standard_normal((1, 2, 600, 500))).astype(np.float32)
    wide, space = x.astype(np.float64), (2, 3)
    mean, deviation = wide.mean(space, keepdims=True), np.sqrt(wide.var(space, keepdims=True) + 1e-5)
    one, zero = np.ones(2, np.float32), np.zeros(2, np.float32)
    normal, sums = {"rtol": 0, "atol": 1e-4}, {"rtol": 3e-7, "atol": 0}
    axes = {"axes": np.int64(space)}

    def case(op, formula, close, inputs=("x",), constants=None, **attributes):
        return Case(f"long_{op}", [node(op, list(inputs), ["y"], **attributes)], {"x": x}, constants=constants or {}, opset=18, sizes=(True,),
                    close=close, formula=lambda x: [formula.astype(np.float32)])

    scale = {"s": one, "b": zero}
    yield case("InstanceNormalization", (wide - mean) / deviation, normal, ("x", "s", "b"), scale)
    yield case("GroupNormalization", (wide - mean) / deviation, normal, ("x", "s", "b"), scale, num_groups=2)
    yield case("LayerNormalization", (wide - mean) / deviation, normal, ("x", "s"), {"s": np.ones((600, 500), np.float32)}, axis=2)
    # -O2 adds up in vectors of f32.
    yield case("GlobalAveragePool", mean, {"rtol": 1e-5, "atol": 0})
    yield case("GlobalLpPool", np.sqrt((wide**2).sum(space, keepdims=True)), sums)
    for op, formula in (("ReduceMean", mean), ("ReduceSum", wide.sum(space, keepdims=True)),
                        ("ReduceL1", np.abs(wide).sum(space, keepdims=True)), ("ReduceL2", np.sqrt((wide**2).sum(space, keepdims=True))),
                        ("ReduceSumSquare", (wide**2).sum(space, keepdims=True)),
                        ("ReduceLogSum", np.log(wide.sum(space, keepdims=True))),
                        ("ReduceLogSumExp", np.log(np.exp(wide).sum(space, keepdims=True)))):
        yield case(op, formula, sums, ("x", "axes"), axes)


def others():
    for dtype in (np.int8, np.uint8, np.int32):
        yield Case(f"shrink_{np.dtype(dtype).name}", [node("Shrink", ["x"], ["y"], bias=1.5, lambd=1.5)],
                   {"x": np.arange(9).astype(dtype) - (4 if dtype != np.uint8 else 0)}, close=EXACT, sizes=(True,))
    for x in (reals(2, 1, 3, 1), reals(3, 1), reals(1, 4, 1)):
        dims = x.shape
        # Sizes of 1 that are not known may not be: only those of more than 1 are open.
        names = [f"d{i}" if size != 1 else 1 for i, size in enumerate(dims)]
        for opset in (11, 13):
            case = Case(f"squeeze_{dims}_{opset}", [node("Squeeze", ["x"], ["y"])], {"x": x}, close=EXACT, opset=opset, sizes=(True,))
            proto = model(case.nodes, case.inputs, case.outputs, {}, True, opset)
            for axis, name in enumerate(names):
                if name != 1:
                    proto.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
            yield Open(case.name, proto, {"x": x}, [np.squeeze(x)])
    labels = RANDOM.integers(0, 4, (3, 5))
    for reduction in ("none", "mean", "sum"):
        x, w = reals(3, 4, 5, dtype=ml_dtypes.bfloat16), np.abs(reals(4, dtype=ml_dtypes.bfloat16))
        wide = Case("", [node("SoftmaxCrossEntropyLoss", ["x", "t", "w"], ["y", "z"], reduction=reduction)],
                    {"x": x.astype(np.float32), "t": labels, "w": w.astype(np.float32)}, ("y", "z"), opset=13).expected()
        yield Case(f"cross_entropy_{reduction}", [node("SoftmaxCrossEntropyLoss", ["x", "t", "w"], ["y", "z"], reduction=reduction)],
                   {"x": x, "t": labels, "w": w}, ("y", "z"), opset=13, sizes=(True,), close={"rtol": 1e-2, "atol": 1e-2},
                   formula=lambda wide=wide, **_: [np.asarray(v).astype(ml_dtypes.bfloat16) for v in wide])


class Open:
    """A model with its answer."""

    def __init__(self, name, proto, inputs, wanted):
        self.name, self.proto, self.inputs, self.wanted = name, proto, inputs, wanted

    def check(self) -> bool:
        for level in (0, 2):
            try:
                results = fsc.compile(self.proto, opt_level=level).run(self.inputs)
                for got, want in zip(results.values(), self.wanted, strict=True):
                    np.testing.assert_array_equal(got, want)
            except (fsc.Error, AssertionError) as error:
                print(f"{self.name} -O{level}: {error}")
                return False
        return True


def refuses_a_squeezed_size_of_one() -> bool:
    nodes = [node("Squeeze", ["x"], ["y"])]
    module = fsc.compile(model(nodes, {"x": reals(2, 3)}, ["y"], {}, False, 13))
    try:
        module.run({"x": reals(2, 1)})
    except fsc.InputError as error:
        return "no size that is not known when the model is compiled may be 1" in str(error)
    print("squeeze: expected an error")
    return False


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    cases = [case for family in (deformations, transforms, complexes, gradients, long_sums, others) for case in family()]
    results = [case.check() for case in cases if wanted in case.name]
    results.append(refuses_a_squeezed_size_of_one())
    print(f"{sum(results)} of {len(results)} right")
    sys.exit(not all(results))
