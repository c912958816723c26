// RUN: fsc-opt %s --fsc-channels-last | FileCheck %s

// CHECK-LABEL: @puts_channels_of_conv_last
// CHECK: %[[T:.*]] = fsc.transpose(%arg0) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
// CHECK: %[[Y:.*]] = fsc.conv(%[[T]], %arg1) {{{.*}}channels_last = true{{.*}}} : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>) -> tensor<1x6x6x4xf32>
// CHECK: fsc.transpose(%[[Y]]) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x6x6x4xf32>) -> tensor<1x4x6x6xf32>
func.func @puts_channels_of_conv_last(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32> {
  %y = fsc.conv(%x, %w) : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32>
  return %y : tensor<1x4x6x6xf32>
}

// CHECK-LABEL: @puts_channels_of_a_dynamic_1d_conv_last
// CHECK: fsc.transpose(%arg0) {perm = array<i64: 0, 2, 1>} : (tensor<?x3x?xf32>) -> tensor<?x?x3xf32>
// CHECK: fsc.conv({{.*}}) {{{.*}}channels_last = true
// CHECK: fsc.transpose({{.*}}) {perm = array<i64: 0, 2, 1>} : (tensor<?x?x4xf32>) -> tensor<?x4x?xf32>
func.func @puts_channels_of_a_dynamic_1d_conv_last(%x: tensor<?x3x?xf32>, %w: tensor<4x3x3xf32>) -> tensor<?x4x?xf32> {
  %y = fsc.conv(%x, %w) : (tensor<?x3x?xf32>, tensor<4x3x3xf32>) -> tensor<?x4x?xf32>
  return %y : tensor<?x4x?xf32>
}

// CHECK-LABEL: @puts_channels_of_pools_last
// CHECK: fsc.max_pool({{.*}}) {{{.*}}channels_last = true
// CHECK: fsc.global_average_pool({{.*}}) {channels_last = true
func.func @puts_channels_of_pools_last(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32> {
  %y = fsc.max_pool(%x) {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>) -> tensor<1x3x7x7xf32>
  %z = fsc.global_average_pool(%y) : (tensor<1x3x7x7xf32>) -> tensor<1x3x1x1xf32>
  return %z : tensor<1x3x1x1xf32>
}

// CHECK-LABEL: @keeps_pool_that_gives_indices
// CHECK-NOT: fsc.transpose
func.func @keeps_pool_that_gives_indices(%x: tensor<1x3x8x8xf32>) -> (tensor<1x3x7x7xf32>, tensor<1x3x7x7xi64>) {
  %y:2 = fsc.max_pool(%x) {kernel_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>) -> (tensor<1x3x7x7xf32>, tensor<1x3x7x7xi64>)
  return %y#0, %y#1 : tensor<1x3x7x7xf32>, tensor<1x3x7x7xi64>
}

// CHECK-LABEL: @keeps_conv_with_three_spatial_dims
// CHECK-NOT: fsc.transpose
func.func @keeps_conv_with_three_spatial_dims(%x: tensor<1x3x8x8x8xf32>, %w: tensor<4x3x3x3x3xf32>) -> tensor<1x4x6x6x6xf32> {
  %y = fsc.conv(%x, %w) : (tensor<1x3x8x8x8xf32>, tensor<4x3x3x3x3xf32>) -> tensor<1x4x6x6x6xf32>
  return %y : tensor<1x4x6x6x6xf32>
}

// CHECK-LABEL: @keeps_conv_of_f64
// CHECK-NOT: fsc.transpose
func.func @keeps_conv_of_f64(%x: tensor<1x3x8x8xf64>, %w: tensor<4x3x3x3xf64>) -> tensor<1x4x6x6xf64> {
  %y = fsc.conv(%x, %w) : (tensor<1x3x8x8xf64>, tensor<4x3x3x3xf64>) -> tensor<1x4x6x6xf64>
  return %y : tensor<1x4x6x6xf64>
}

// -----

// CHECK-LABEL: func.func @goes_into_branches
func.func @goes_into_branches(%c: tensor<i1>, %x: tensor<1x3x8x8xf32>, %w: tensor<3x3x1x1xf32>) -> tensor<1x3x8x8xf32> {
  // CHECK: fsc.if
  // CHECK: fsc.transpose
  // CHECK: fsc.conv{{.*}}channels_last = true
  %r = fsc.if %c : tensor<i1> -> tensor<1x3x8x8xf32> then {
    %0 = fsc.conv(%x, %w) {kernel_shape = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<3x3x1x1xf32>) -> tensor<1x3x8x8xf32>
    fsc.yield %0 : tensor<1x3x8x8xf32>
  } else {
    fsc.yield %x : tensor<1x3x8x8xf32>
  }
  return %r : tensor<1x3x8x8xf32>
}
