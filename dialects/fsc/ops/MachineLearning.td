//===- MachineLearning.td - Decision trees -----------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

/// Nodes as in the versions 1 to 3 of ai.onnx.ml: trees and nodes have numbers.
class Fsc_NumberedTreesOp<string mnemonic, Onnx onnx, dag leaves, list<string> own = []>
    : Fsc_Op<mnemonic, onnx, !listconcat(["inferElementType"], own)> {
  let arguments = !con((ins Fsc_Tensor:$x,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_treeids, OptionalAttr<DenseI64ArrayAttr>:$nodes_nodeids,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_featureids, OptionalAttr<StrArrayAttr>:$nodes_modes,
      OptionalAttr<DenseF32ArrayAttr>:$nodes_values, OptionalAttr<ElementsAttr>:$nodes_values_as_tensor,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_truenodeids, OptionalAttr<DenseI64ArrayAttr>:$nodes_falsenodeids,
      OptionalAttr<DenseI64ArrayAttr>:$nodes_missing_value_tracks_true,
      OptionalAttr<DenseF32ArrayAttr>:$nodes_hitrates, OptionalAttr<ElementsAttr>:$nodes_hitrates_as_tensor,
      OptionalAttr<DenseF32ArrayAttr>:$base_values, OptionalAttr<ElementsAttr>:$base_values_as_tensor,
      DefaultValuedStrAttr<StrAttr, "NONE">:$post_transform), leaves);
}

def Fsc_TreeEnsembleRegressorOp : Fsc_NumberedTreesOp<"tree_ensemble_regressor", Onnx<"TreeEnsembleRegressor", 1, "ai.onnx.ml">,
    (ins OptionalAttr<DenseI64ArrayAttr>:$target_treeids, OptionalAttr<DenseI64ArrayAttr>:$target_nodeids,
         OptionalAttr<DenseI64ArrayAttr>:$target_ids, OptionalAttr<DenseF32ArrayAttr>:$target_weights,
         OptionalAttr<ElementsAttr>:$target_weights_as_tensor, DefaultValuedAttr<I64Attr, "1">:$n_targets,
         DefaultValuedStrAttr<StrAttr, "SUM">:$aggregate_function)> {
  let summary = "the sum (or mean, or extreme) of what the trees give for each row";
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_TreeEnsembleClassifierOp : Fsc_NumberedTreesOp<"tree_ensemble_classifier", Onnx<"TreeEnsembleClassifier", 1, "ai.onnx.ml">,
    (ins OptionalAttr<DenseI64ArrayAttr>:$class_treeids, OptionalAttr<DenseI64ArrayAttr>:$class_nodeids,
         OptionalAttr<DenseI64ArrayAttr>:$class_ids, OptionalAttr<DenseF32ArrayAttr>:$class_weights,
         OptionalAttr<ElementsAttr>:$class_weights_as_tensor, OptionalAttr<DenseI64ArrayAttr>:$classlabels_int64s,
         OptionalAttr<StrArrayAttr>:$classlabels_strings)> {
  let summary = "the class with the highest score for each row, and all scores";
  let results = (outs Fsc_Tensor:$label, Fsc_Tensor:$scores);
}

def Fsc_TreeEnsembleOp : Fsc_Op<"tree_ensemble", Onnx<"TreeEnsemble", 5, "ai.onnx.ml">> {
  let summary = "the sum (or mean, or extreme) of the leaves that each row reaches";
  let arguments = (ins Fsc_Tensor:$x, DenseI64ArrayAttr:$tree_roots, DenseI64ArrayAttr:$nodes_featureids,
                       ElementsAttr:$nodes_modes, ElementsAttr:$nodes_splits, DenseI64ArrayAttr:$nodes_truenodeids,
                       DenseI64ArrayAttr:$nodes_falsenodeids, DenseI64ArrayAttr:$nodes_trueleafs,
                       DenseI64ArrayAttr:$nodes_falseleafs, OptionalAttr<DenseI64ArrayAttr>:$nodes_missing_value_tracks_true,
                       OptionalAttr<ElementsAttr>:$nodes_hitrates, DenseI64ArrayAttr:$leaf_targetids,
                       ElementsAttr:$leaf_weights, OptionalAttr<ElementsAttr>:$membership_values,
                       DefaultValuedAttr<I64Attr, "1">:$n_targets, DefaultValuedAttr<I64Attr, "1">:$aggregate_function,
                       DefaultValuedAttr<I64Attr, "0">:$post_transform);
  let results = (outs Fsc_Tensor:$y);
}
