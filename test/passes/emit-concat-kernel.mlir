// RUN: fsc-opt %s --fsc-emit-concat-kernel --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @copies_vectors_and_a_masked_rest
// CHECK-DAG: %[[MASK:.*]] = arith.constant dense<[true, true, false, false]> : vector<4xi1>
// CHECK: scf.forall (%{{.*}}) in (3)
// CHECK: vector.load %{{.*}} : memref<40xf32>, vector<4xf32>
// CHECK: vector.store
// CHECK: vector.maskedload {{.*}}, %[[MASK]]
// CHECK: vector.maskedstore {{.*}}, %[[MASK]]
func.func @copies_vectors_and_a_masked_rest(%x: tensor<10x4xf32>, %y: tensor<10x6xf32>, %out: tensor<10x10xf32>) -> tensor<10x10xf32>
    attributes {fsc.schedule = #fsc.schedule<"concat", cost = 1, tile = [4, 4]>} {
  %z = fsc.concat(%x, %y) {axis = 1 : i64} : (tensor<10x4xf32>, tensor<10x6xf32>) -> tensor<10x10xf32>
  return %z : tensor<10x10xf32>
}

// -----

// CHECK-LABEL: func.func @applies_elementwise_ops_on_the_way
// CHECK: %[[X:.*]] = vector.load
// CHECK: %[[Y:.*]] = arith.maximumf %[[X]]
// CHECK: vector.store %[[Y]]
func.func @applies_elementwise_ops_on_the_way(%x: tensor<?x4xf32>, %y: tensor<?x8xf32>, %out: tensor<?x12xf32>) -> tensor<?x12xf32>
    attributes {fsc.schedule = #fsc.schedule<"concat", cost = 1, tile = [4, 4]>} {
  %z = fsc.concat(%x, %y) {axis = -1 : i64} : (tensor<?x4xf32>, tensor<?x8xf32>) -> tensor<?x12xf32>
  %r = fsc.relu(%z) : (tensor<?x12xf32>) -> tensor<?x12xf32>
  return %r : tensor<?x12xf32>
}

// -----

// expected-error @below {{internal: the schedule does not fit the kernel: the axis is not the last, and there are elementwise ops}}
func.func @refuses_elementwise_ops_behind_another_axis(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>, %out: tensor<4x4xf32>) -> tensor<4x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"concat", cost = 1, tile = [4, 4]>} {
  %z = fsc.concat(%x, %y) {axis = 0 : i64} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<4x4xf32>
  %r = fsc.relu(%z) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
