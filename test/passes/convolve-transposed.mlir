// RUN: fsc-opt %s --fsc-convolve-transposed | FileCheck %s

// Four filters, one for each place of a block: nothing overlaps, nothing is cut off.
// CHECK-LABEL: func.func @makes_blocks_of_disjoint_filters
func.func @makes_blocks_of_disjoint_filters(%x: tensor<?x1x3x3xf32>) -> tensor<?x1x6x6xf32> {
  // CHECK: fsc.constant dense<{{\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}2.000000e+00]]], {{\[\[\[}}3.000000e+00]]], {{\[\[\[}}4.000000e+00]]]]> : tensor<4x1x1x1xf32>
  // CHECK: %[[Y:.*]] = fsc.conv({{.*}}) {{.*}}pads = array<i64: 0, 0, 0, 0>{{.*}} -> tensor<?x4x3x3xf32>
  // CHECK: fsc.depth_to_space(%[[Y]]) {blocksize = 2 : i64, mode = "CRD"}
  // CHECK-NOT: fsc.slice
  %w = fsc.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %y = fsc.conv_transpose(%x, %w) {strides = array<i64: 2, 2>} : (tensor<?x1x3x3xf32>, tensor<1x1x2x2xf32>) -> tensor<?x1x6x6xf32>
  return %y : tensor<?x1x6x6xf32>
}

// Taps 0 and 2 of the filter make even elements, taps 1 and 3 odd ones, the later tap first.
// CHECK-LABEL: func.func @interleaves_a_list_and_cuts_its_padding
func.func @interleaves_a_list_and_cuts_its_padding(%x: tensor<1x1x?xf32>) -> tensor<1x1x?xf32> {
  // CHECK-DAG: fsc.constant dense<{{\[\[\[}}3.000000e+00, 1.000000e+00]], {{\[\[}}4.000000e+00, 2.000000e+00]]]> : tensor<2x1x2xf32>
  // CHECK-DAG: fsc.constant dense<5.000000e+00> : tensor<2xf32>
  // CHECK: fsc.conv({{.*}}pads = array<i64: 1, 1>
  // CHECK: fsc.transpose
  // CHECK: fsc.slice
  %w = fsc.constant dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>
  %b = fsc.constant dense<5.0> : tensor<1xf32>
  %y = fsc.conv_transpose(%x, %w, %b) {strides = array<i64: 2>, pads = array<i64: 1, 1>} : (tensor<1x1x?xf32>, tensor<1x1x4xf32>, tensor<1xf32>) -> tensor<1x1x?xf32>
  return %y : tensor<1x1x?xf32>
}

// CHECK-LABEL: func.func @mirrors_the_filter_without_strides
func.func @mirrors_the_filter_without_strides(%x: tensor<1x1x3xf32>) -> tensor<1x1x5xf32> {
  // CHECK: fsc.constant dense<{{\[\[\[}}3.000000e+00, 2.000000e+00, 1.000000e+00]]]> : tensor<1x1x3xf32>
  // CHECK: fsc.conv({{.*}}pads = array<i64: 2, 2>
  // CHECK-NOT: fsc.reshape
  %w = fsc.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %y = fsc.conv_transpose(%x, %w) : (tensor<1x1x3xf32>, tensor<1x1x3xf32>) -> tensor<1x1x5xf32>
  return %y : tensor<1x1x5xf32>
}

// CHECK-LABEL: func.func @keeps_a_dilated_filter
func.func @keeps_a_dilated_filter(%x: tensor<1x1x3xf32>) -> tensor<1x1x7xf32> {
  // CHECK: fsc.conv_transpose
  %w = fsc.constant dense<1.0> : tensor<1x1x3xf32>
  %y = fsc.conv_transpose(%x, %w) {dilations = array<i64: 2>} : (tensor<1x1x3xf32>, tensor<1x1x3xf32>) -> tensor<1x1x7xf32>
  return %y : tensor<1x1x7xf32>
}

// CHECK-LABEL: func.func @keeps_unequal_strides
func.func @keeps_unequal_strides(%x: tensor<1x1x3x3xf32>) -> tensor<1x1x6x3xf32> {
  // CHECK: fsc.conv_transpose
  %w = fsc.constant dense<1.0> : tensor<1x1x2x1xf32>
  %y = fsc.conv_transpose(%x, %w) {strides = array<i64: 2, 1>} : (tensor<1x1x3x3xf32>, tensor<1x1x2x1xf32>) -> tensor<1x1x6x3xf32>
  return %y : tensor<1x1x6x3xf32>
}

// CHECK-LABEL: func.func @keeps_a_filter_that_is_no_constant
func.func @keeps_a_filter_that_is_no_constant(%x: tensor<1x1x3xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x5xf32> {
  // CHECK: fsc.conv_transpose
  %y = fsc.conv_transpose(%x, %w) : (tensor<1x1x3xf32>, tensor<1x1x3xf32>) -> tensor<1x1x5xf32>
  return %y : tensor<1x1x5xf32>
}
