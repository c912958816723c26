// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_shape
// CHECK: fsc.layer_normalization
func.func @keeps_the_shape(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>) -> tensor<2x3x4xf32> {
  %r = fsc.layer_normalization(%x, %s) {epsilon = 1.0e-06 : f32} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// CHECK-LABEL: @gives_the_statistics_of_rows
// CHECK: fsc.layer_normalization
func.func @gives_the_statistics_of_rows(%x: tensor<?x3x4xf16>, %s: tensor<3x4xf16>, %b: tensor<4xf16>) -> tensor<?x1x1xf32> {
  %r, %m, %i = fsc.layer_normalization(%x, %s, %b) {axis = 1 : i64} : (tensor<?x3x4xf16>, tensor<3x4xf16>, tensor<4xf16>) -> (tensor<?x3x4xf16>, tensor<?x1x1xf32>, tensor<?x1x1xf32>)
  return %i : tensor<?x1x1xf32>
}

// -----

// layer_normalization.C1: the axis is in range
func.func @layer_normalization_c1(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected axis in [-3, 3), got 3}}
  %r = fsc.layer_normalization(%x, %s) {axis = 3 : i64} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// layer_normalization.C2: scale and bias broadcast to the operand
func.func @layer_normalization_c2(%x: tensor<2x3x4xf32>, %s: tensor<5xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected parameters that broadcast to 'tensor<2x3x4xf32>', got 'tensor<5xf32>'}}
  %r = fsc.layer_normalization(%x, %s) : (tensor<2x3x4xf32>, tensor<5xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// layer_normalization.C3: statistics are floats
func.func @layer_normalization_c3(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected stash_type of a float type, got 7}}
  %r = fsc.layer_normalization(%x, %s) {stash_type = 7 : i64} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// layer_normalization.C4: at most the mean and the inverse deviation besides the result
func.func @layer_normalization_c4(%x: tensor<2x3x4xf32>, %s: tensor<4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected at most 3 results, got 4}}
  %r:4 = fsc.layer_normalization(%x, %s) : (tensor<2x3x4xf32>, tensor<4xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x1xf32>, tensor<2x3x1xf32>, tensor<2x3x1xf32>)
  return %r#0 : tensor<2x3x4xf32>
}
