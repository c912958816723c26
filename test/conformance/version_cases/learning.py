# ===- learning.py - Seeds of ai.onnx.ml -*- Python -*-======================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Seeds of ai.onnx.ml. ONNX's node tests have few; the operands are as a training library would leave them."""

from typing import Any

import numpy as np
from onnx import numpy_helper

from .seed import Seed, node_seed

ML = "ai.onnx.ml"
ROWS = np.float32([[1, -2, 0.5], [0, 3, -1.5], [-4, 0.25, 2], [2, 2, 2]])


def ml(op: str, inputs: list[Any], outputs: int = 1, version: int = 1, **attributes: Any) -> Seed:
    rank = 2 if op == "FeatureVectorizer" else {"OneHotEncoder": 1}.get(op, 0) + max(1, np.ndim(inputs[0]))
    ranks = [1, 2] if outputs == 2 else [rank]
    what = next((str(value) for value in attributes.values() if isinstance(value, str)), "")
    return node_seed((ML, op), version, inputs, outputs, ranks=() if op == "ZipMap" else ranks, name=f"{op}-{version} {what}".strip(),
                     **attributes)


def tensor(values: np.ndarray):
    return numpy_helper.from_array(values)


def preparation() -> list[Seed]:
    """What is done to features."""
    holes = np.float32([[1, np.nan, 3], [np.nan, 5, 6]])
    return [
        ml("Scaler", [ROWS], offset=[1.0, 0.5, -1.0], scale=[2.0, 0.25, 3.0]),
        ml("Scaler", [np.int64([[1, 2], [3, 5]])], offset=[1.0], scale=[0.5]),
        *[ml("Normalizer", [ROWS], norm=norm) for norm in ("MAX", "L1", "L2")],
        ml("Normalizer", [np.abs(ROWS)]),
        ml("Normalizer", [ROWS * np.float32([[1], [0], [1], [1]])], norm="MAX"),
        ml("Normalizer", [ROWS * np.float32([[1], [0], [1], [1]])], norm="L2"),
        ml("Imputer", [holes], imputed_value_floats=[7.0, 8.0, 9.0], replaced_value_float=float("nan")),
        ml("Imputer", [ROWS], imputed_value_floats=[0.5], replaced_value_float=2.0),
        ml("Imputer", [np.int64([[1, 0], [0, 4]])], imputed_value_int64s=[7, 9], replaced_value_int64=0),
        ml("FeatureVectorizer", [ROWS, ROWS[:, :2] * 2], inputdimensions=[3, 2]),
        ml("FeatureVectorizer", [np.int64([[1, 2], [3, 4]])], inputdimensions=[2]),
        ml("FeatureVectorizer", [np.float32([1, 2]), np.float32([3])], inputdimensions=[2, 1]),
        ml("OneHotEncoder", [np.int64([[1, 5, 3], [9, 1, 5]])], cats_int64s=[1, 3, 5], zeros=1),
        ml("OneHotEncoder", [np.float32([1, 3])], cats_int64s=[1, 3, 5], zeros=0),
        ml("OneHotEncoder", [np.array(["b", "z", "a"], object)], cats_strings=["a", "b", "c"]),
        ml("ArrayFeatureExtractor", [ROWS, np.int64([[2, 0]])]),
        ml("Binarizer", [ROWS], threshold=0.5),
    ]


def vocabularies() -> list[Seed]:
    """What maps categories to numbers and back."""
    words = np.array(["cat", "dog", "bird"], object)
    return [
        ml("CategoryMapper", [words], cats_strings=["dog", "cat"], cats_int64s=[4, 9], default_int64=-7),
        ml("CategoryMapper", [np.int64([4, 9, 1])], cats_strings=["dog", "cat"], cats_int64s=[4, 9], default_string="none"),
        ml("CastMap", [{0: 1.5, 2: -3.0}], cast_to="TO_FLOAT", map_form="DENSE"),
        ml("CastMap", [{1: 2.5, 3: 4.0}], cast_to="TO_INT64", map_form="SPARSE", max_map=5),
        ml("DictVectorizer", [{"a": 1.5, "c": 2.0}], string_vocabulary=["a", "b", "c"]),
        ml("DictVectorizer", [{5: 1.5, 3: 2.0}], int64_vocabulary=[3, 4, 5]),
        ml("LabelEncoder", [words], classes_strings=["dog", "cat"], default_int64=-7, versions=(1, 1)),
        ml("LabelEncoder", [np.int64([0, 5])], classes_strings=["dog", "cat"], default_string="none", versions=(1, 1)),
        ml("LabelEncoder", [np.int64([3, 1, 4])], version=2, keys_int64s=[1, 3], values_floats=[0.5, 2.5], default_float=-1.0),
        ml("LabelEncoder", [words], version=2, keys_strings=["dog", "cat"], values_int64s=[1, 2]),
        ml("LabelEncoder", [np.float32([[1, np.nan], [3, 2]])], version=2, keys_floats=[1.0, 2.0, float("nan")],
           values_strings=["one", "two", "none"]),
        ml("LabelEncoder", [np.int64([3, 1])], version=2, keys_int64s=[1, 3], values_int64s=[30, 10]),
        ml("LabelEncoder", [np.float64([3.0, np.nan, 8.0])], version=4, versions=(4, 4), keys_tensor=tensor(np.float64([np.nan, 3])),
           values_tensor=tensor(np.int64([7, 30])), default_tensor=tensor(np.int64([-9]))),
        ml("LabelEncoder", [np.int64([[3, 2], [8, 1]])], version=4, versions=(4, 4), keys_tensor=tensor(np.int64([1, 2, 3])),
           values_tensor=tensor(np.float32([0.5, 1.5, 2.5])), default_float=9.5),
        ml("ZipMap", [np.float32([[0.25, 0.75], [1, 0]])], classlabels_int64s=[10, 20]),
        ml("ZipMap", [np.float32([[0.25, 0.75]])], classlabels_strings=["no", "yes"]),
    ]


def linear_models() -> list[Seed]:
    three = {"coefficients": [0.5, -1.0, 0.25, 1.5, 0.75, -0.5, -2.0, 0.1, 0.3], "intercepts": [0.1, -0.2, 0.3]}
    # Results from 0 to 1, which a PROBIT can be taken of.
    gentle = {"coefficients": [c / 8 for c in three["coefficients"]], "intercepts": [0.4, 0.5, 0.6]}
    one = {"coefficients": [0.5, -1.0, 0.25], "intercepts": [0.1]}
    both = {"coefficients": [-0.5, 1.0, -0.25, 0.5, -1.0, 0.25], "intercepts": [-0.1, 0.1]}
    return [
        ml("LinearRegressor", [ROWS], **one),
        ml("LinearRegressor", [ROWS], targets=3, **three),
        *[ml("LinearRegressor", [ROWS / 8], targets=3, post_transform=transform, **gentle)
          for transform in ("LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT")],
        ml("LinearRegressor", [np.int64([[1, 2, 3]])], coefficients=one["coefficients"]),
        *[ml("LinearClassifier", [ROWS], 2, classlabels_ints=[4, 7, 9], post_transform=transform, **three)
          for transform in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO")],
        ml("LinearClassifier", [ROWS], 2, classlabels_strings=["a", "b", "c"], **three),
        ml("LinearClassifier", [ROWS], 2, classlabels_ints=[0, 1], post_transform="LOGISTIC", **both),
        ml("LinearClassifier", [ROWS], 2, classlabels_ints=[0, 1], **one),
        ml("LinearClassifier", [ROWS], 2, classlabels_ints=[5], **one),
        ml("LinearClassifier", [ROWS], 2, classlabels_ints=[5], post_transform="LOGISTIC", **one),
        ml("LinearClassifier", [ROWS], 2, classlabels_strings=["no", "yes"], post_transform="LOGISTIC", **one),
        # Probabilities that are both 1 in f32, of scores that are not alike.
        ml("LinearClassifier", [ROWS * 100], 2, classlabels_ints=[4, 7, 9], post_transform="LOGISTIC", **three),
        ml("LinearClassifier", [ROWS], 2, classlabels_ints=[0, 1], multi_class=1, post_transform="LOGISTIC", **one),
    ]


def vector_machines() -> list[Seed]:
    vectors = [1.0, 0.0, -1.0, 0.5, 2.0, 0.25, -1.0, 1.0, 1.0, 0.0, -0.5, 2.0]
    kernels = {"LINEAR": [0.0, 0.0, 0.0], "POLY": [0.5, 1.0, 2.0], "RBF": [0.25, 0.0, 3.0], "SIGMOID": [0.1, 0.2, 3.0]}
    regressors = [ml("SVMRegressor", [ROWS], kernel_type=kernel, kernel_params=parameters, support_vectors=vectors,
                     coefficients=[1.0, -0.5, 0.75, -1.25], rho=[0.3], n_supports=4)
                  for kernel, parameters in kernels.items()]
    two = {"support_vectors": vectors, "vectors_per_class": [2, 2], "coefficients": [1.0, 0.5, -0.75, -0.75], "rho": [0.2]}
    # One coefficient of each vector against each other class.
    three = {"support_vectors": vectors, "vectors_per_class": [1, 2, 1], "rho": [0.2, -0.1, 0.3],
             "coefficients": [1.0, -0.5, -0.25, 0.75, 0.5, 0.6, -0.8, -1.0]}
    return [
        *regressors,
        ml("SVMRegressor", [ROWS], kernel_type="LINEAR", coefficients=[0.5, -1.0, 0.25], rho=[0.4], n_supports=0),
        ml("SVMRegressor", [ROWS], kernel_type="RBF", kernel_params=kernels["RBF"], support_vectors=vectors,
           coefficients=[1.0, 0.5, 0.75, 1.25], rho=[-1.2], n_supports=4, one_class=1),
        *[ml("SVMClassifier", [ROWS], 2, kernel_type=kernel, kernel_params=parameters, classlabels_ints=[3, 8], **two)
          for kernel, parameters in kernels.items()],
        ml("SVMClassifier", [ROWS], 2, kernel_type="RBF", kernel_params=kernels["RBF"], classlabels_ints=[3, 8, 9], **three),
        ml("SVMClassifier", [ROWS], 2, kernel_type="RBF", kernel_params=kernels["RBF"], classlabels_ints=[3, 8, 9],
           prob_a=[-1.0, -0.8, -1.2], prob_b=[0.1, -0.1, 0.2], **three),
        ml("SVMClassifier", [ROWS], 2, kernel_type="RBF", kernel_params=kernels["RBF"], classlabels_strings=["n", "y"], **two),
        ml("SVMClassifier", [ROWS], 2, kernel_type="RBF", kernel_params=kernels["RBF"], classlabels_ints=[3, 8],
           post_transform="LOGISTIC", **two),
        ml("SVMClassifier", [ROWS], 2, kernel_type="RBF", kernel_params=kernels["RBF"], classlabels_strings=["n", "y"],
           prob_a=[-1.5], prob_b=[0.2], post_transform="SOFTMAX", **two),
        ml("SVMClassifier", [ROWS], 2, kernel_type="LINEAR", kernel_params=[0.0, 0.0, 0.0], classlabels_ints=[0, 1, 2],
           coefficients=[0.5, -1.0, 0.25, 1.5, 0.75, -0.5, -2.0, 0.1, 0.3], rho=[0.1], post_transform="SOFTMAX"),
    ]


TREE = {
    "nodes_treeids": [0, 0, 0, 0, 0, 1, 1, 1],
    "nodes_nodeids": [0, 1, 2, 3, 4, 0, 1, 2],
    "nodes_featureids": [0, 1, 0, 0, 0, 2, 0, 0],
    "nodes_modes": ["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF"],
    "nodes_truenodeids": [1, 3, 0, 0, 0, 1, 0, 0],
    "nodes_falsenodeids": [2, 4, 0, 0, 0, 2, 0, 0],
}
SPLITS = [0.5, 1.0, 0.0, 0.0, 0.0, -0.5, 0.0, 0.0]
LEAVES = [(0, 2), (0, 3), (0, 4), (1, 1), (1, 2)]  # tree and node
WEIGHTS = [0.5, -0.25, 1.0, -1.0, 0.75, 0.2, 2.0, 0.1, -0.7, 1.5, 0.3, 0.9, 0.25, -0.6, 1.1]


def weights_of(prefix: str, count: int) -> dict[str, Any]:
    """Weights of each leaf for each target: of one that no leaf is for, implementations make different things."""
    places = [(tree, node, target) for tree, node in LEAVES for target in range(count)]
    trees, nodes, targets = (list(column) for column in zip(*places))
    return {f"{prefix}_treeids": trees, f"{prefix}_nodeids": nodes, f"{prefix}_ids": targets,
            f"{prefix}_weights": WEIGHTS[:len(places)]}


def in_doubles(attributes: dict[str, Any], *names: str) -> dict[str, Any]:
    tensors = {f"{name}_as_tensor": tensor(np.float64(attributes[name])) for name in names}
    return {name: value for name, value in attributes.items() if name not in names} | tensors


def forests() -> list[Seed]:
    nodes = {"nodes_values": SPLITS, **TREE}
    regression = nodes | weights_of("target", 2) | {"n_targets": 2}
    three = nodes | weights_of("class", 3) | {"classlabels_int64s": [3, 8, 9]}
    saturated = three | {"class_weights": [abs(weight) * 100 for weight in three["class_weights"]]}
    probabilities = [0.2, 0.3, 0.5, 0.1, 0.4]
    two = nodes | weights_of("class", 1) | {"classlabels_int64s": [3, 8], "class_weights": probabilities}
    rows64 = np.float64(ROWS)
    return [
        *[ml("TreeEnsembleRegressor", [ROWS], aggregate_function=function, base_values=[0.5, -0.5], **regression)
          for function in ("SUM", "AVERAGE", "MIN", "MAX")],
        ml("TreeEnsembleRegressor", [ROWS], post_transform="SOFTMAX", **regression),
        ml("TreeEnsembleRegressor", [rows64], version=3, versions=(3, 5),
           **in_doubles(regression, "nodes_values", "target_weights")),
        ml("TreeEnsembleClassifier", [ROWS], 2, post_transform="LOGISTIC", **saturated),
        *[ml("TreeEnsembleClassifier", [ROWS], 2, post_transform=transform, base_values=[0.1, 0.3, -0.4], **three)
          for transform in ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO")],
        ml("TreeEnsembleClassifier", [ROWS], 2, **two),
        ml("TreeEnsembleClassifier", [rows64], 2, version=3, versions=(3, 5), **in_doubles(three, "nodes_values", "class_weights")),
    ]


def seeds() -> list[Seed]:
    return [*preparation(), *vocabularies(), *linear_models(), *vector_machines(), *forests()]
