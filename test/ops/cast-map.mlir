// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @dense_and_sparse
// CHECK: fsc.cast_map
func.func @dense_and_sparse(%x: tensor<!fsc.map<i64, f32>>) -> (tensor<1x?xi64>, tensor<1x5x!fsc.string>) {
  %r = fsc.cast_map(%x) {cast_to = "TO_INT64"} : (tensor<!fsc.map<i64, f32>>) -> tensor<1x?xi64>
  %s = fsc.cast_map(%x) {cast_to = "TO_STRING", map_form = "SPARSE", max_map = 5 : i64} : (tensor<!fsc.map<i64, f32>>) -> tensor<1x5x!fsc.string>
  return %r, %s : tensor<1x?xi64>, tensor<1x5x!fsc.string>
}

// -----

// cast_map.C1: the operand is a map from int64 to float or strings
func.func @cast_map_c1(%x: tensor<!fsc.map<!fsc.string, f32>>) -> tensor<1x?xf32> {
  // expected-error @+1 {{expected a map from int64 to float or string}}
  %r = fsc.cast_map(%x) : (tensor<!fsc.map<!fsc.string, f32>>) -> tensor<1x?xf32>
  return %r : tensor<1x?xf32>
}

// -----

// cast_map.C2: the attributes have values that there are
func.func @cast_map_c2(%x: tensor<!fsc.map<i64, f32>>) -> tensor<1x?xf32> {
  // expected-error @+1 {{expected cast_to TO_FLOAT, TO_STRING or TO_INT64, got 'TO_BOOL'}}
  %r = fsc.cast_map(%x) {cast_to = "TO_BOOL"} : (tensor<!fsc.map<i64, f32>>) -> tensor<1x?xf32>
  return %r : tensor<1x?xf32>
}

// -----

func.func @cast_map_c2_form(%x: tensor<!fsc.map<i64, f32>>) -> tensor<1x?xf32> {
  // expected-error @+1 {{expected map_form DENSE or SPARSE, got 'THIN'}}
  %r = fsc.cast_map(%x) {map_form = "THIN"} : (tensor<!fsc.map<i64, f32>>) -> tensor<1x?xf32>
  return %r : tensor<1x?xf32>
}

// -----

func.func @cast_map_c2_size(%x: tensor<!fsc.map<i64, f32>>) -> tensor<1x?xf32> {
  // expected-error @+1 {{expected a max_map of at least 1, got 0}}
  %r = fsc.cast_map(%x) {map_form = "SPARSE", max_map = 0 : i64} : (tensor<!fsc.map<i64, f32>>) -> tensor<1x?xf32>
  return %r : tensor<1x?xf32>
}
