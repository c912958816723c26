// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @sums_what_trees_give
// CHECK: fsc.tree_ensemble_regressor
func.func @sums_what_trees_give(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C1: targets are counted from 0
func.func @tree_ensemble_c1(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected targets in [0, 1), got 4}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 4>, target_weights = array<f32: 1.0, 2.0>} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C2: every path ends at a leaf
func.func @tree_ensemble_c2(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected trees whose paths end}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 0, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C3: lists that belong together have one length
func.func @tree_ensemble_c3(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected as many weights as trees, nodes and targets that they are for}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C4: modes are those that ONNX names
func.func @tree_ensemble_c4(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected a mode that ONNX names}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C5: rows have the features that nodes look at
func.func @tree_ensemble_c5(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected an operand of rank 2 with more than 3 columns}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 3, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C6: results are what the trees give
func.func @tree_ensemble_c6(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected post_transform NONE, got 'PROBIT'}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>, post_transform = "PROBIT"} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// -----

// tree_ensemble.C7: the aggregate is one that ONNX names
func.func @tree_ensemble_c7(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // expected-error @+1 {{expected aggregate_function SUM, AVERAGE, MIN or MAX}}
  %r = fsc.tree_ensemble_regressor(%x) {nodes_treeids = array<i64: 0, 0, 0>, nodes_nodeids = array<i64: 0, 1, 2>, nodes_featureids = array<i64: 1, 0, 0>, nodes_modes = ["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values = array<f32: 0.5, 0.0, 0.0>, nodes_truenodeids = array<i64: 1, 0, 0>, nodes_falsenodeids = array<i64: 2, 0, 0>, target_treeids = array<i64: 0, 0>, target_nodeids = array<i64: 1, 2>, target_ids = array<i64: 0, 0>, target_weights = array<f32: 1.0, 2.0>, aggregate_function = "MEDIAN"} : (tensor<?x3xf32>) -> tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}
