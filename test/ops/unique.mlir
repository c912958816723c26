// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @numbers_all_elements
// CHECK: fsc.unique
func.func @numbers_all_elements(%x: tensor<3x4xbf16>) -> (tensor<?xbf16>, tensor<12xi64>) {
  %r:4 = fsc.unique(%x) : (tensor<3x4xbf16>) -> (tensor<?xbf16>, tensor<?xi64>, tensor<12xi64>, tensor<?xi64>)
  return %r#0, %r#2 : tensor<?xbf16>, tensor<12xi64>
}

// CHECK-LABEL: @numbers_slices
// CHECK: fsc.unique
func.func @numbers_slices(%x: tensor<3x4x!fsc.string>) -> (tensor<3x?x!fsc.string>, tensor<4xi64>) {
  %r:4 = fsc.unique(%x) {axis = 1 : i64, sorted = 0 : i64} : (tensor<3x4x!fsc.string>) -> (tensor<3x?x!fsc.string>, tensor<?xi64>, tensor<4xi64>, tensor<?xi64>)
  return %r#0, %r#2 : tensor<3x?x!fsc.string>, tensor<4xi64>
}

// -----

// unique.C1: the axis is in range
func.func @unique_c1(%x: tensor<3xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{expected axis in [-1, 1), got -2}}
  %r:4 = fsc.unique(%x) {axis = -2 : i64} : (tensor<3xf32>) -> (tensor<?xf32>, tensor<?xi64>, tensor<3xi64>, tensor<?xi64>)
  return %r#0 : tensor<?xf32>
}
