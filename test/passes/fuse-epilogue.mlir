// RUN: fsc-opt %s --fsc-form-kernels --fsc-fuse-epilogue --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @fuses_relu_into_conv
func.func @fuses_relu_into_conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32> {
  // CHECK: fsc.kernel <convolution>
  // CHECK: %[[C:.*]] = fsc.conv
  // CHECK: fsc.relu(%[[C]])
  // CHECK-NOT: fsc.kernel
  %0 = fsc.conv(%x, %w) : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32>
  %1 = fsc.relu(%0) : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
  return %1 : tensor<1x4x6x6xf32>
}

// -----

// CHECK-LABEL: func.func @fuses_a_chain_and_the_other_operand
func.func @fuses_a_chain_and_the_other_operand(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK: fsc.kernel <contraction>
  // CHECK-DAG: fsc.exp
  // CHECK-DAG: fsc.matmul
  // CHECK: fsc.add
  // CHECK: fsc.tanh
  // CHECK-NOT: fsc.kernel
  %0 = fsc.exp(%y) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = fsc.matmul(%x, %y) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = fsc.add(%0, %1) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %3 = fsc.tanh(%2) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return %3 : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func.func @fuses_equal_dynamic_sizes
func.func @fuses_equal_dynamic_sizes(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: fsc.kernel <pointwise>
  // CHECK: fsc.exp
  // CHECK: fsc.relu
  // CHECK-NOT: fsc.kernel
  %0 = fsc.exp(%x) : (tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = fsc.relu(%0) : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_a_value_with_two_users
func.func @keeps_a_value_with_two_users(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  // CHECK-COUNT-3: fsc.kernel
  %0 = fsc.matmul(%x, %x) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = fsc.relu(%0) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %2 = fsc.exp(%0) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1, %2 : tensor<8x8xf32>, tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_a_value_that_is_broadcast
func.func @keeps_a_value_that_is_broadcast(%x: tensor<8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-COUNT-2: fsc.kernel
  %0 = fsc.exp(%x) : (tensor<8xf32>) -> tensor<8xf32>
  %1 = fsc.add(%0, %y) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_two_anchors_apart
func.func @keeps_two_anchors_apart(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK-COUNT-2: fsc.kernel <contraction>
  %0 = fsc.matmul(%x, %x) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = fsc.matmul(%0, %x) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_a_producer_that_an_anchor_reads
func.func @keeps_a_producer_that_an_anchor_reads(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK: fsc.kernel <pointwise>
  // CHECK: fsc.kernel <contraction>
  %0 = fsc.relu(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = fsc.matmul(%0, %x) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_sizes_that_may_differ
func.func @keeps_sizes_that_may_differ(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-COUNT-2: fsc.kernel
  %0 = fsc.exp(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = fsc.add(%0, %y) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %1 : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_kernels_out_of_a_loop
func.func @keeps_kernels_out_of_a_loop(%n: index, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: fsc.kernel
  // CHECK: fsc.exp
  // CHECK: fsc.loop
  // CHECK: fsc.kernel
  // CHECK-NOT: fsc.exp
  // CHECK: fsc.add
  // CHECK-NEXT: fsc.relu
  %true = arith.constant true
  %0 = fsc.exp(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %r = fsc.loop times(%n : index) carry(%x : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %p: tensor<4xf32>):
    %1 = fsc.add(%p, %0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %2 = fsc.relu(%1) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %true, %2 : i1, tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
