// RUN: fsc-opt %s --fsc-emit-row-kernel --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @reads_a_row_in_vectors_three_times
// CHECK: scf.forall (%{{.*}}) in (5)
// CHECK: arith.maximumf
// CHECK: vector.reduction <maximumf>
// CHECK: math.exp
// CHECK: vector.reduction <add>
// CHECK: arith.divf
// CHECK: vector.store
func.func @reads_a_row_in_vectors_three_times(%x: tensor<10x8xf32>, %out: tensor<10x8xf32>) -> tensor<10x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"row", cost = 1, tile = [4, 2]>} {
  %y = fsc.softmax(%x) {axis = -1 : i64} : (tensor<10x8xf32>) -> tensor<10x8xf32>
  return %y : tensor<10x8xf32>
}

// -----

// CHECK-LABEL: func.func @masks_the_rest_of_a_row_of_unknown_length
// CHECK: arith.constant dense<0xFF800000>
// CHECK: vector.maskedload
// CHECK: arith.select
// CHECK: math.log
// CHECK: vector.maskedstore
func.func @masks_the_rest_of_a_row_of_unknown_length(%x: tensor<?x?xf32>, %out: tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {fsc.schedule = #fsc.schedule<"row", cost = 1, tile = [4, 2]>} {
  %y = fsc.log_softmax(%x) {axis = 1 : i64} : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

// expected-error @below {{internal: the schedule does not fit the kernel: the axis is not the last}}
func.func @refuses_another_axis(%x: tensor<10x8xf32>, %out: tensor<10x8xf32>) -> tensor<10x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"row", cost = 1, tile = [4, 2]>} {
  %y = fsc.softmax(%x) {axis = 0 : i64} : (tensor<10x8xf32>) -> tensor<10x8xf32>
  return %y : tensor<10x8xf32>
}
