# ===- routines.py - Irregular operators against ONNX's reference -*- Python -*-===== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""One table of cases of operators that routines of the runtime compute.

Each case is a node, or a few, with its inputs; sizes of inputs are not known to the compiler. What is drawn with a seed is
what ONNX's reference draws; what is drawn without one is checked by its mean and variance.
"""

import sys

import fsc
import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

RANDOM = np.random.default_rng(5)
STRING = np.array(["b", "", "a", "b", "ä", "A"], object)


def onnx_type(array: np.ndarray) -> int:
    return TensorProto.STRING if array.dtype == object else helper.np_dtype_to_tensor_dtype(array.dtype)


def model(nodes, inputs, outputs, constants=(), known=False):
    """A model of these nodes; outputs are names and ONNX types."""
    def dims(name, array):
        return list(array.shape) if known else [f"{name}_{axis}" for axis in range(array.ndim)]

    values = [helper.make_tensor_value_info(name, onnx_type(array), dims(name, array)) for name, array in inputs.items()]
    results = [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs.items()]
    initializers = [numpy_helper.from_array(array, name) for name, array in dict(constants).items()]
    graph = helper.make_graph(nodes, "case", values, results, initializers)
    opsets = [helper.make_opsetid("", 22), helper.make_opsetid("ai.onnx.ml", 4)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def floats(*shape):
    return RANDOM.integers(-2, 3, shape).astype(np.float32)


F, I, B, S = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.STRING
ML = "ai.onnx.ml"


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def cases():
    """(name, nodes, inputs, outputs, constants)"""
    special = np.array([[0.0, -0.0, np.nan], [np.inf, 2, 0]], np.float32)
    for label, x in (("rank_2", special), ("rank_3", floats(2, 3, 4)), ("none", np.zeros((2, 0), np.float32)),
                     ("bools", floats(5) > 0), ("bytes", floats(7).astype(np.int8))):
        yield f"nonzero_{label}", [node("NonZero", ["x"], ["y"])], {"x": x}, {"y": I}, {}
    # Its sizes go on through other operators.
    nodes = [node("NonZero", ["x"], ["i"]), node("Transpose", ["i"], ["t"], perm=[1, 0]), node("Shape", ["t"], ["s"]),
             node("GatherND", ["x", "t"], ["g"]), node("Add", ["g", "g"], ["y"])]
    yield "nonzero_gathers", nodes, {"x": floats(4, 5)}, {"y": F, "s": I}, {}
    yield "nonzero_of_a_constant", [node("NonZero", ["c"], ["i"]), node("Add", ["i", "x"], ["y"])], \
        {"x": np.array([[3]], np.int64)}, {"y": I}, {"c": floats(3, 4)}

    condition = np.array([True, False, True])
    for axis in (0, 1, -2, None):
        given = {} if axis is None else {"axis": axis}
        yield f"compress_{axis}", [node("Compress", ["x", "c"], ["y"], **given)], \
            {"x": floats(4, 3), "c": condition}, {"y": F}, {}
    yield "compress_strings", [node("Compress", ["x", "c"], ["y"])], {"x": STRING, "c": condition}, {"y": S}, {}
    yield "compress_to_nothing", [node("Compress", ["x", "c"], ["y"], axis=0)], \
        {"x": floats(4, 3), "c": np.zeros(2, bool)}, {"y": F}, {}

    outputs = {"y": F, "i": I, "v": I, "n": I}
    for label, x, given in (
        ("flat", floats(4, 3), {}), ("unsorted", floats(12), {"sorted": 0}), ("axis", floats(6, 2), {"axis": 0}),
        ("last_axis", floats(2, 6), {"axis": -1}), ("nan", np.array([2, np.nan, 1, np.nan, 2], np.float32), {}),
        ("one", floats(1), {"sorted": 0}),
    ):
        yield f"unique_{label}", [node("Unique", ["x"], ["y", "i", "v", "n"], **given)], {"x": x}, outputs, {}
    yield "unique_inverse_alone", [node("Unique", ["x"], ["y", "", "v"])], {"x": floats(9)}, {"v": I}, {}
    yield "unique_twice", [node("Unique", ["x"], ["u"]), node("Unique", ["u"], ["y", "i"])], \
        {"x": floats(9).astype(np.int64)}, {"y": I, "i": I}, {}

    boxes = RANDOM.random((2, 20, 4)).astype(np.float32)
    scores = RANDOM.random((2, 3, 20)).astype(np.float32)
    scores[0, 0, 3] = scores[0, 0, 5]
    limits = {"m": np.array([4], np.int64), "o": np.array([0.3], np.float32), "s": np.array([0.2], np.float32)}
    for centre in (0, 1):
        yield f"nms_{centre}", [node("NonMaxSuppression", ["b", "p", "m", "o", "s"], ["y"], center_point_box=centre)], \
            {"b": boxes, "p": scores}, {"y": I}, limits
    pool = dict(max_gram_length=3, max_skip_count=2, min_gram_length=1, ngram_counts=[0, 3, 7],
                ngram_indexes=[0, 3, 1, 2, 4, 5], weights=[1.0, 2.0, 0.5, 3.0, 0.25, 4.0])
    numbers = RANDOM.integers(1, 5, (3, 9)).astype(np.int32)
    for mode in ("TF", "IDF", "TFIDF"):
        yield f"tfidf_{mode}", \
            [node("TfIdfVectorizer", ["x"], ["y"], mode=mode, pool_int64s=[1, 2, 3, 1, 2, 3, 4, 1, 3, 1], **pool)], \
            {"x": numbers}, {"y": F}, {}

    yield "squeeze", [node("Squeeze", ["x", "a"], ["y"])], {"x": floats(3, 1, 2, 1), "a": np.array([-1, 1])}, {"y": F}, {}
    yield "unsqueeze", [node("Unsqueeze", ["x", "a"], ["y"])], {"x": floats(3, 2), "a": np.array([-1, 1])}, {"y": F}, {}
    yield "top_k", [node("TopK", ["x", "k"], ["y", "i"])], {"x": floats(3, 7), "k": np.array([4])}, {"y": F, "i": I}, {}

    for dtype, count in ((F, 7), (TensorProto.DOUBLE, 8)):
        yield f"uniform_{dtype}", [node("RandomUniform", [], ["y"], shape=[3, count], seed=3.0, low=-1.0, dtype=dtype)], \
            {}, {"y": dtype}, {}
    yield "uniform_like", [node("RandomUniformLike", ["x"], ["y"], seed=9.0, high=3.0)], {"x": floats(4, 3)}, {"y": F}, {}

    words = np.array([["a b  c", " x,y ", ""], ["1,2,3", "ä ö", "z"]], object)
    yield "concat", [node("StringConcat", ["x", "c"], ["y"])], {"x": words}, {"y": S}, {"c": np.array(["!", "", "ß"], object)}
    for given in ({}, {"delimiter": ","}, {"maxsplit": 1}, {"delimiter": ",", "maxsplit": 1}):
        yield f"split_{'_'.join(given)}", [node("StringSplit", ["x"], ["y", "n"], **given)], {"x": words}, {"y": S, "n": I}, {}
    yield "gather_strings", [node("Gather", ["x", "i"], ["g"], axis=1), node("Concat", ["g", "x"], ["y"], axis=1)], \
        {"x": words, "i": np.array([2, 0])}, {"y": S}, {}
    yield "equal_strings", [node("Equal", ["x", "c"], ["e"]), node("Where", ["e", "x", "d"], ["y"])], \
        {"x": words}, {"e": B, "y": S}, {"c": np.array("z", object), "d": np.array("none", object)}
    yield "cast_and_back", [node("Cast", ["x"], ["s"], to=S), node("Cast", ["s"], ["y"], to=F)], \
        {"x": np.array([1, 0.1, -1e16, 1e-5, 123456.78, np.inf], np.float32)}, {"s": S, "y": F}, {}
    yield "label_encoder", [node("LabelEncoder", ["x"], ["y"], domain=ML, keys_strings=["a", "b"], values_int64s=[5, 6],
                                 default_int64=-7)], {"x": STRING}, {"y": I}, {}
    yield "label_decoder", [node("LabelEncoder", ["x"], ["y"], domain=ML, keys_int64s=[1, 2], values_strings=["a", "b"],
                                 default_string="?")], {"x": np.array([[1, 2, 3]])}, {"y": S}, {}
    yield "one_hot_strings", [node("OneHotEncoder", ["x"], ["y"], domain=ML, cats_strings=["a", "b", "ä"])], \
        {"x": STRING}, {"y": F}, {}


def check(name, nodes, inputs, outputs, constants) -> bool:
    # Ranks follow from how many axes there are.
    proto = model(nodes, inputs, outputs, constants, known=name in ("squeeze", "unsqueeze", "top_k"))
    expected = ReferenceEvaluator(proto).run(None, inputs)
    good = True
    for level in (0, 2):
        try:
            actual = fsc.compile(proto, opt_level=level).run(inputs)
        except fsc.Error as error:
            print(f"{name} -O{level}: {error}")
            good = False
            continue
        for (key, value), want in zip(actual.items(), expected, strict=True):
            want = np.asarray(want)
            if value.dtype == object:
                same = value.shape == want.shape and value.tolist() == want.astype(str).tolist()
            else:
                same = value.dtype == want.dtype and value.shape == want.shape and np.allclose(
                    value, want, rtol=1e-6, atol=1e-7, equal_nan=True)
            if not same:
                print(f"{name} -O{level}: {key}: expected {want.tolist()}, got {value.tolist()}")
                good = False
    return good


def moments(name, nodes, inputs, outputs, mean, variance) -> bool:
    """Draws differ from run to run, and are as they should be: the bounds are six standard errors of 20,000 draws."""
    module = fsc.compile(model(nodes, inputs, outputs, known=True))
    first, second = (next(iter(module.run(inputs).values())).astype(np.float64) for _ in range(2))
    if np.array_equal(first, second):
        print(f"{name}: two runs drew the same")
        return False
    bound = 6 * np.sqrt(variance / first.size)
    good = abs(first.mean() - mean) < bound and abs(first.var() - variance) < 12 * variance / np.sqrt(first.size)
    if not good:
        print(f"{name}: expected mean {mean} and variance {variance}, got {first.mean()} and {first.var()}")
    return good


def draws() -> bool:
    x = np.full((100, 200), 0.3, np.float32)
    ones = np.ones((100, 200), np.float32)
    good = moments("uniform", [node("RandomUniformLike", ["x"], ["y"], low=-1.0)], {"x": x}, {"y": F}, 0, 1 / 3)
    good &= moments("normal", [node("RandomNormalLike", ["x"], ["y"], mean=2.0, scale=3.0)], {"x": x}, {"y": F}, 2, 9)
    good &= moments("bernoulli", [node("Bernoulli", ["x"], ["y"])], {"x": x}, {"y": F}, 0.3, 0.21)
    logits = np.log(np.array([[1, 2, 1]], np.float32))
    good &= moments("multinomial", [node("Multinomial", ["x"], ["y"], sample_size=20000)], {"x": logits},
                    {"y": TensorProto.INT32}, 1, 0.5)
    train = [node("Constant", [], ["t"], value=numpy_helper.from_array(np.array(True))), node("Constant", [], ["r"], value_float=0.25)]
    dropout = [*train, node("Dropout", ["x", "r", "t"], ["y", "m"])]
    good &= moments("dropout", dropout, {"x": ones}, {"y": F, "m": B}, 1, 1 / 3)
    y, mask = fsc.compile(model(dropout, {"x": ones}, {"y": F, "m": B})).run({"x": ones}).values()
    if not np.array_equal(y, np.where(mask, np.float32(1 / 0.75), np.float32(0))):
        print("dropout: the mask does not say what was dropped")
        good = False
    return good


def memory_is_flat() -> bool:
    """Strings of a run are gone after the next ones: 3,000 runs with new strings grow by less than one of them all."""
    nodes = [node("StringConcat", ["x", "x"], ["y"])]
    module = fsc.compile(model(nodes, {"x": STRING}, {"y": S}))

    def pages():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1])

    for run in range(3000):
        if run == 500:
            before = pages()
        text = f"{run}" * 1000
        if module.run({"x": np.array([text], object)})["y"][0] != text * 2:
            print("strings: a run returned another's")
            return False
    if pages() - before > 1000:
        print(f"strings: 2,500 runs grew the process by {pages() - before} pages")
        return False
    return True


if __name__ == "__main__":
    results = [check(*case) for case in cases()]
    results += [draws(), memory_is_flat()]
    print(f"{sum(results)} of {len(results)} right")
    sys.exit(not all(results))
