# ===- test_versions.py - Tests of the cases of operators' versions -*- Python -*-====== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""No pair is forgotten, models are brought into the form of another version, and what is not alike is found."""

import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import version_document  # noqa: E402
import versions  # noqa: E402
from pool import Verdict  # noqa: E402
from version_cases import choose, oracles, tensors  # noqa: E402
from version_cases.rewrite import Unfit, rewrite  # noqa: E402
from version_cases.seed import node_seed  # noqa: E402

X = np.float32([[1, -2, 3], [4, 5, -6]])
SCHEMAS = choose.all_schemas()


def schema(op: str, since: int, domain: str = "") -> onnx.defs.OpSchema:
    return next(s for s in SCHEMAS if (s.domain, s.name, s.since_version) == (domain, op, since))


def rewritten(seed, since: int, op: str = "", constants: set[str] = frozenset()):
    model = rewrite(seed, schema(op or seed.operator[1], since), max(since, 7), constants)
    node = model.proto.graph.node[0]
    return model, node, {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def test_pairs_are_those_since_opset_7_and_what_is_in_force_there():
    names = {str(pair) for pair in choose.pairs_of(SCHEMAS)}
    assert {"Add-7", "Add-13", "Add-14", "Softmax-1", "Softmax-11", "Softmax-13", "ai.onnx.ml.LabelEncoder-1"} <= names
    assert not {"Add-6", "Add-1"} & names
    assert not {"Upsample-10", "Scatter-11"} & names, "versions that say that the operator is no more"


def test_a_pair_without_a_case_is_missing_and_fails_the_run(capsys):
    table = versions.Versions([], [schema("Abs", 13)])
    verdict = table.run("Abs-13")
    assert verdict.word == "missing"
    assert versions.summarize(table.names, {"Abs-13": verdict}, {}, update=True) == 1
    assert capsys.readouterr().out.endswith("versions: 0 right, 0 wrong, 0 refused, 1 missing, of 1\n")


def test_a_case_that_no_oracle_knows_is_missing():
    seed = node_seed("MaxRoiPool", 22, [np.ones((1, 1, 4, 4), np.float32), np.float32([[0, 0, 0, 3, 3]])], pooled_shape=[2, 2])
    assert versions.Versions([seed], [schema("MaxRoiPool", 22)]).run("MaxRoiPool-22").word == "missing"


@pytest.mark.parametrize("word, before, code", [("right", "refused", 0), ("refused", "refused", 0), ("refused", "right", 1),
                                                ("wrong", "wrong", 1)])
def test_what_was_right_must_stay_so(word, before, code):
    assert versions.summarize(["Abs-13"], {"Abs-13": Verdict(word)}, {"Abs-13": before}, update=False) == code


def test_an_input_becomes_the_attribute_that_it_was():
    squeeze = node_seed("Squeeze", 13, [X[:, None], np.int64([1])])
    model, node, attributes = rewritten(squeeze, 11)
    assert attributes == {"axes": [1]} and list(node.input) == ["x0"] and model.lost == 0
    top = node_seed("TopK", 11, [X, np.int64([2])], 2)
    assert rewritten(top, 1)[2] == {"k": 2}, "by name, whatever its case"
    clip = node_seed("Clip", 13, [X, np.array(-1, np.float32), None])
    assert rewritten(clip, 6)[2] == {"min": -1.0}


def test_an_attribute_becomes_the_input_that_it_is():
    model, node, attributes = rewritten(node_seed("ReduceMax", 13, [X], axes=[1]), 18, constants={"axes"})
    assert not attributes and list(node.input) == ["x0", "axes_value"]
    assert onnx.numpy_helper.to_array(model.proto.graph.initializer[0]).tolist() == [1]


def test_another_operator_of_the_same_form_is_taken():
    resize = node_seed("Resize", 13, [X[None, None], None, np.float32([1, 1, 2, 2])], nearest_mode="floor")
    model, node, attributes = rewritten(resize, 7, "Upsample")
    assert node.op_type == "Upsample" and attributes == {"scales": [1, 1, 2, 2]} and model.lost


def test_what_the_version_has_not_is_left_out_and_counts():
    model, node, _ = rewritten(node_seed("Dropout", 13, [X, np.array(0.5, np.float32), np.array(False)], seed=1), 7)
    assert list(node.input) == ["x0"] and model.lost > 0


def test_a_type_that_is_not_allowed_becomes_one_that_is():
    model, _, _ = rewritten(node_seed("Abs", 13, [X.astype(ml_dtypes.bfloat16)]), 6)
    assert model.inputs["x0"].dtype == np.float32
    with pytest.raises(Unfit):
        rewritten(node_seed("Not", 1, [X > 0], versions=(2, 3)), 1)


def test_what_is_an_attribute_elsewhere_is_a_constant():
    model, _, _ = rewritten(node_seed("Squeeze", 13, [X[:, None], np.int64([1])]), 13, constants={"axes"})
    assert list(model.inputs) == ["x0"] and model.proto.graph.initializer[0].name == "x1"


def test_a_model_that_onnx_refuses_is_no_case():
    with pytest.raises(Unfit, match="ONNX says"):
        rewritten(node_seed("MatMul", 13, [X, X]), 9)


def test_cases_have_the_types_that_are_new():
    chooser = choose.Chooser([node_seed("Reshape", 14, [X, np.int64([3, 2])])], SCHEMAS)
    cases, _ = chooser.cases(choose.Pair("", "Reshape", 19))
    kinds = {case.kind: case for case in cases}
    assert kinds["hand"].model.inputs["x0"].dtype == np.float32
    assert "float8" in kinds["new"].model.inputs["x0"].dtype.name


def test_cases_say_who_their_oracle_is():
    chooser = choose.Chooser([node_seed("Abs", 13, [X])], SCHEMAS)
    case = chooser.cases(choose.Pair("", "Abs", 13))[0][0]
    assert case.oracle == "ONNX Runtime" and np.array_equal(case.expected[0], np.abs(X))


@pytest.mark.parametrize("got, wanted, problem", [
    (X, X, ""),
    (X * np.float32(1.00001), X, ""),
    (X * np.float32(1.0001), X, "relative error"),
    (X.astype(np.float64), X, "expected float32, got float64"),
    (X[0], X, "expected shape"),
    (np.float32([np.nan]), np.float32([1]), "NaN"),
    (np.int64([1, 2]), np.int64([1, 3]), "1 of 2 elements differ"),
    (np.array(["a"], object), np.array(["b"], object), "strings differ"),
    ([X], [X, X], "a sequence of 2"),
    ([X, X + 1], [X, X], "relative error"),
    ({1: 2.0}, {2: 2.0}, "the keys"),
    (None, X, "expected"),
])
def test_differences_are_found(got, wanted, problem):
    found = oracles.difference(got, wanted)
    assert (problem in found) if problem else not found


def test_draws_are_checked_by_their_distribution():
    check = tensors.distributed(2, 3)
    draws = np.random.default_rng(1).normal(2, 3, tensors.DRAWS)
    assert not check([draws])
    assert "mean" in check([draws + 1]) and "draws" in check([draws[:10]])
    assert "repeats" in check([np.tile(draws[: tensors.DRAWS // 2], 2)])
    assert "expected draws from" in tensors.distributed(2, 3, 0)([draws])


def test_the_page_holds_the_verdicts(tmp_path, monkeypatch):
    monkeypatch.setattr(version_document, "PATH", tmp_path / "Versions.md")
    assert version_document.read(["Abs-6"]) == {}
    pairs = {str(pair): pair for pair in choose.pairs_of([schema("Abs", 6), schema("Abs", 13), schema("Not", 1)])}
    verdicts = {"Abs-6": Verdict("right"), "Abs-13": Verdict("refused", "no | bfloat16"), "Not-1": Verdict("missing", "none")}
    version_document.write(pairs, verdicts)
    assert "| Abs | 6 (13) |" in version_document.PATH.read_text() and "| Not | **1?** |" in version_document.PATH.read_text()
    assert version_document.read(list(pairs)) == {name: verdict.word for name, verdict in verdicts.items()}
