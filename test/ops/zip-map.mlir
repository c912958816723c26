// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @gives_a_map_for_each_row
// CHECK: fsc.zip_map
func.func @gives_a_map_for_each_row(%x: tensor<?x2xf32>) -> tensor<!fsc.sequence<tensor<!fsc.map<!fsc.string, f32>>>> {
  %r = fsc.zip_map(%x) {classlabels_strings = ["no", "yes"]} : (tensor<?x2xf32>) -> tensor<!fsc.sequence<tensor<!fsc.map<!fsc.string, f32>>>>
  return %r : tensor<!fsc.sequence<tensor<!fsc.map<!fsc.string, f32>>>>
}

// -----

// zip_map.C1: there are classes of one kind
func.func @zip_map_c1(%x: tensor<?x2xf32>) -> tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>> {
  // expected-error @+1 {{expected one list of classes}}
  %r = fsc.zip_map(%x) : (tensor<?x2xf32>) -> tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>
  return %r : tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>
}

// -----

// zip_map.C2: the operand is floats, [C] or [N, C]
func.func @zip_map_c2(%x: tensor<f32>) -> tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>> {
  // expected-error @+1 {{expected floats of shape [C] or [N, C], got 'tensor<f32>'}}
  %r = fsc.zip_map(%x) {classlabels_int64s = array<i64: 1>} : (tensor<f32>) -> tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>
  return %r : tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>
}

// -----

// zip_map.C3: there are as many columns as classes
func.func @zip_map_c3(%x: tensor<2x3xf32>) -> tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>> {
  // expected-error @+1 {{expected 1 columns, as there are classes, got 3}}
  %r = fsc.zip_map(%x) {classlabels_int64s = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>
  return %r : tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>
}
