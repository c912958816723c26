// RUN: fsc-opt %s --fsc-pack-weights=pack=4 --split-input-file | FileCheck %s

// Panels of four filters, [2][taps][C][4]; there is no sixth to eighth filter.
// CHECK-LABEL: @packs_a_filter_into_panels
// CHECK: %[[W:.*]] = fsc.constant dense<{{\[\[\[\[}}1.000000e+00, 3.000000e+00, 5.000000e+00, 7.000000e+00], [2.000000e+00, 4.000000e+00, 6.000000e+00, 8.000000e+00]]], {{\[\[\[}}9.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [1.000000e+01, 0.000000e+00, 0.000000e+00, 0.000000e+00]]]]> : tensor<2x1x2x4xf32>
// CHECK: fsc.conv(%arg0, %[[W]]) {{{.*}}filters = 5 : i64, {{.*}}kernel_shape = array<i64: 1, 1>, pack = 4 : i64}
func.func @packs_a_filter_into_panels(%x: tensor<1x8x8x2xf32>) -> tensor<1x8x8x5xf32> {
  %w = fsc.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]], [[[7.0]], [[8.0]]], [[[9.0]], [[10.0]]]]> : tensor<5x2x1x1xf32>
  %y = fsc.conv(%x, %w) {channels_last = true} : (tensor<1x8x8x2xf32>, tensor<5x2x1x1xf32>) -> tensor<1x8x8x5xf32>
  return %y : tensor<1x8x8x5xf32>
}

// -----

// CHECK-LABEL: @packs_a_depthwise_filter_into_one_panel
// CHECK: %[[W:.*]] = fsc.constant dense<{{\[\[\[\[}}1.000000e+00, 3.000000e+00]], {{\[\[}}2.000000e+00, 4.000000e+00]]]]> : tensor<1x2x1x2xf32>
// CHECK: fsc.conv(%arg0, %[[W]]) {{{.*}}group = 2 : i64, {{.*}}pack = 2 : i64
func.func @packs_a_depthwise_filter_into_one_panel(%x: tensor<1x8x8x2xf32>) -> tensor<1x8x7x2xf32> {
  %w = fsc.constant dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>
  %y = fsc.conv(%x, %w) {channels_last = true, group = 2 : i64} : (tensor<1x8x8x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x8x7x2xf32>
  return %y : tensor<1x8x7x2xf32>
}

// -----

// CHECK-LABEL: @packs_the_second_matrix_of_a_product
// CHECK: %[[B:.*]] = fsc.constant dense<{{\[\[\[}}1.000000e+00, 2.000000e+00, 0.000000e+00, 0.000000e+00], [3.000000e+00, 4.000000e+00, 0.000000e+00, 0.000000e+00]]]> : tensor<1x2x4xf32>
// CHECK: fsc.matmul(%arg0, %[[B]]) {columns = 2 : i64, pack = 4 : i64} : (tensor<?x2xf32>, tensor<1x2x4xf32>) -> tensor<?x2xf32>
func.func @packs_the_second_matrix_of_a_product(%a: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %b = fsc.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = fsc.matmul(%a, %b) : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: @makes_gemm_a_product_and_a_sum
// CHECK: %[[B:.*]] = fsc.constant dense<{{\[\[\[}}1.000000e+00, 3.000000e+00, 0.000000e+00, 0.000000e+00], [2.000000e+00, 4.000000e+00, 0.000000e+00, 0.000000e+00]]]> : tensor<1x2x4xf32>
// CHECK: %[[Y:.*]] = fsc.matmul(%arg0, %[[B]])
// CHECK: %[[ALPHA:.*]] = fsc.constant dense<5.000000e-01> : tensor<f32>
// CHECK: %[[Z:.*]] = fsc.mul(%[[Y]], %[[ALPHA]])
// CHECK: fsc.add(%[[Z]], %arg1)
func.func @makes_gemm_a_product_and_a_sum(%a: tensor<3x2xf32>, %c: tensor<2xf32>) -> tensor<3x2xf32> {
  %b = fsc.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = fsc.gemm(%a, %b, %c) {alpha = 0.5 : f32, transB = 1 : i64} : (tensor<3x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: @keeps_weights_that_are_not_finite
// CHECK: fsc.matmul(%arg0, %{{.*}}) {{.*}}pack = 0 : i64} : (tensor<3x2xf32>, tensor<2x2xf32>)
func.func @keeps_weights_that_are_not_finite(%a: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %b = fsc.constant dense<[[1.0, 0x7F800000], [3.0, 4.0]]> : tensor<2x2xf32>
  %y = fsc.matmul(%a, %b) : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: @keeps_weights_that_are_not_constant
// CHECK: fsc.matmul(%arg0, %arg1) {{.*}}pack = 0 : i64} : (tensor<3x2xf32>, tensor<2x2xf32>)
func.func @keeps_weights_that_are_not_constant(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>) -> tensor<3x2xf32> {
  %y = fsc.matmul(%a, %b) : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: @keeps_a_filter_of_groups_of_several_channels
// CHECK-NOT: pack = 4
func.func @keeps_a_filter_of_groups_of_several_channels(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x2xf32> {
  %w = fsc.constant dense<1.0> : tensor<2x2x1x1xf32>
  %y = fsc.conv(%x, %w) {channels_last = true, group = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x8x8x2xf32>
  return %y : tensor<1x8x8x2xf32>
}

// -----

// CHECK-LABEL: @keeps_a_filter_of_channels_first
// CHECK-NOT: pack = 4
func.func @keeps_a_filter_of_channels_first(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %w = fsc.constant dense<1.0> : tensor<2x2x1x1xf32>
  %y = fsc.conv(%x, %w) : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  return %y : tensor<1x2x8x8xf32>
}
