// RUN: fsc-opt %s --fsc-form-kernels --cse --fsc-separate-results --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @copies_an_argument_that_is_returned
func.func @copies_an_argument_that_is_returned(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: fsc.kernel <pointwise> ins(%arg0
  // CHECK: fsc.identity
  return %x : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @gives_a_value_returned_twice_two_kernels
func.func @gives_a_value_returned_twice_two_kernels(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: %[[A:.*]] = fsc.kernel
  // CHECK: fsc.relu
  // CHECK: %[[B:.*]] = fsc.kernel
  // CHECK: fsc.identity
  // CHECK: return %[[A]], %[[B]]
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %0 : tensor<4xf32>, tensor<4xf32>
}


// -----

// CHECK-LABEL: func.func @keeps_equal_results_apart
func.func @keeps_equal_results_apart(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: fsc.relu
  // CHECK: fsc.identity
  // CHECK-NOT: fsc.relu
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @copies_a_view
func.func @copies_a_view(%x: tensor<?x3xf32>) -> tensor<?xf32> {
  // CHECK: fsc.view
  // CHECK: tensor.dim
  // CHECK: fsc.identity
  %s = fsc.constant dense<-1> : tensor<1xi64>
  %0 = fsc.reshape(%x, %s) : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_a_kernels_result
func.func @leaves_a_kernels_result(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NOT: fsc.identity
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
