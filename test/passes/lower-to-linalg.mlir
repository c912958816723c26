// RUN: fsc-opt %s --fsc-lower-to-linalg --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @writes_straight_into_the_output
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32>) {
func.func @writes_straight_into_the_output(%x: tensor<4xf32>, %out: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[TX:.*]] = bufferization.to_tensor %[[X]] restrict
  // CHECK: %[[TY:.*]] = bufferization.to_tensor %[[Y]] restrict writable
  // CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[TX]] : tensor<4xf32>) outs(%[[TY]] : tensor<4xf32>)
  // CHECK: arith.maximumf
  // CHECK: bufferization.materialize_in_destination %[[R]] in restrict writable %[[Y]]
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @stores_bools_as_bytes
func.func @stores_bools_as_bytes(%x: tensor<4xf32>, %y: tensor<4xf32>, %out: tensor<4xi1>) -> tensor<4xi1> {
  // CHECK: arith.cmpf olt
  // CHECK: arith.extui {{.*}} : i1 to i8
  %0 = fsc.less(%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----

// CHECK-LABEL: func.func @computes_f16_in_f32
func.func @computes_f16_in_f32(%x: tensor<4xf16>, %out: tensor<4xf16>) -> tensor<4xf16> {
  // CHECK: arith.extf {{.*}} : f16 to f32
  // CHECK: math.exp {{.*}} : f32
  // CHECK: arith.truncf {{.*}} : f32 to f16
  %0 = fsc.exp(%x) : (tensor<4xf16>) -> tensor<4xf16>
  return %0 : tensor<4xf16>
}

// -----

// Unsigned integers are signless, and compared as what they are.
// CHECK-LABEL: func.func @keeps_the_sign_of_integers
func.func @keeps_the_sign_of_integers(%x: tensor<4xui8>, %y: tensor<4xui8>, %out: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK: arith.maxui
  %0 = fsc.max(%x, %y) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// -----

// A size that may be 1 or not is looked at while running.
// CHECK-LABEL: func.func @broadcasts_unknown_sizes_while_running
func.func @broadcasts_unknown_sizes_while_running(%x: tensor<?xf32>, %y: tensor<?xf32>, %out: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: arith.cmpi eq
  // CHECK: arith.select
  // CHECK: tensor.extract
  %0 = fsc.add(%x, %y) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
