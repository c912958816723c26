// RUN: fsc-opt %s --fsc-lower-to-linalg --fsc-tile-kernel --canonicalize --split-input-file | FileCheck %s

// Softmax computes a row's maximum and sum inside the row's task.
// CHECK-LABEL: func.func @computes_producers_inside_the_tile
func.func @computes_producers_inside_the_tile(%x: tensor<64x32xf32>, %out: tensor<64x32xf32>) -> tensor<64x32xf32>
    attributes {fsc.schedule = #fsc.schedule<"loops", cost = 100, tile = [1, 0]>} {
  // CHECK-NOT: linalg.generic
  // CHECK: scf.forall (%{{.*}}) in (64)
  // CHECK: arith.maximumf
  // CHECK: math.exp
  // CHECK: arith.divf
  %0 = fsc.softmax(%x) : (tensor<64x32xf32>) -> tensor<64x32xf32>
  return %0 : tensor<64x32xf32>
}

// -----

// CHECK-LABEL: func.func @merges_elementwise_ops
func.func @merges_elementwise_ops(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32>
    attributes {fsc.schedule = #fsc.schedule<"loops", cost = 100, tile = [16]>} {
  // CHECK: scf.forall {{.*}} step (16)
  // CHECK: linalg.generic
  // CHECK: math.exp
  // CHECK-NEXT: arith.maximumf
  %0 = fsc.exp(%x) : (tensor<64xf32>) -> tensor<64xf32>
  %1 = fsc.relu(%0) : (tensor<64xf32>) -> tensor<64xf32>
  return %1 : tensor<64xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_kernels_without_schedule
func.func @leaves_kernels_without_schedule(%x: tensor<64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
  // CHECK-NOT: scf.forall
  %0 = fsc.exp(%x) : (tensor<64xf32>) -> tensor<64xf32>
  return %0 : tensor<64xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_a_kernel_small_enough_for_one_task
func.func @leaves_a_kernel_small_enough_for_one_task(%x: tensor<4xf32>, %out: tensor<4xf32>) -> tensor<4xf32>
    attributes {fsc.schedule = #fsc.schedule<"loops", cost = 10, tile = [0]>} {
  // CHECK-NOT: scf.forall
  %0 = fsc.exp(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_a_checked_producer_apart
func.func @keeps_a_checked_producer_apart(%x: tensor<4xi64>, %i: tensor<i64>, %y: tensor<i64>, %out: tensor<i64>) -> tensor<i64>
    attributes {fsc.schedule = #fsc.schedule<"loops", cost = 1>} {
  // CHECK: linalg.generic
  // CHECK: fsc.check
  // CHECK: linalg.generic
  // CHECK: arith.subi
  %0 = fsc.gather(%x, %i) : (tensor<4xi64>, tensor<i64>) -> tensor<i64>
  %1 = fsc.sub(%y, %0) : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return %1 : tensor<i64>
}

// -----

// The mean and the deviation are of two dims, which a tile must not split: each tile would compute them again.
// CHECK-LABEL: func.func @keeps_reduced_dims_whole
func.func @keeps_reduced_dims_whole(%x: tensor<2x8x64x64xf32>, %s: tensor<8xf32>, %b: tensor<8xf32>, %out: tensor<2x8x64x64xf32>)
    -> tensor<2x8x64x64xf32> attributes {fsc.schedule = #fsc.schedule<"loops", cost = 100, tile = [1, 1, 16, 0]>} {
  // CHECK: scf.forall ({{.*}}) in (2, 8)
  %0 = fsc.instance_normalization(%x, %s, %b) : (tensor<2x8x64x64xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8x64x64xf32>
  return %0 : tensor<2x8x64x64xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_what_has_no_elements
func.func @leaves_what_has_no_elements(%x: tensor<?x0xf32>, %out: tensor<?x0xf32>) -> tensor<?x0xf32>
    attributes {fsc.schedule = #fsc.schedule<"loops", cost = 100, tile = [16, 0]>} {
  // CHECK-NOT: scf.forall
  %0 = fsc.exp(%x) : (tensor<?x0xf32>) -> tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}
