// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_coordinate_for_each_dim
// CHECK: fsc.affine_grid
func.func @has_a_coordinate_for_each_dim(%x: tensor<?x2x3xf32>) -> tensor<?x4x5x2xf32> {
  %s = fsc.constant dense<[1, 1, 4, 5]> : tensor<4xi64>
  %r = fsc.affine_grid(%x, %s) {align_corners = 1 : i64} : (tensor<?x2x3xf32>, tensor<4xi64>) -> tensor<?x4x5x2xf32>
  return %r : tensor<?x4x5x2xf32>
}

// -----

// affine_grid.C1: size is that of a batch of images or volumes
func.func @affine_grid_c1(%x: tensor<1x2x3xf32>, %y: tensor<3xi64>) -> tensor<1x?x2xf32> {
  // expected-error @+1 {{expected a size of 4 or 5 dims}}
  %r = fsc.affine_grid(%x, %y) : (tensor<1x2x3xf32>, tensor<3xi64>) -> tensor<1x?x2xf32>
  return %r : tensor<1x?x2xf32>
}
