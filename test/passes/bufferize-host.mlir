// RUN: fsc-opt %s --fsc-form-kernels --fsc-separate-results --fsc-bufferize-host --split-input-file | FileCheck %s

// CHECK: func.func @main()
// CHECK-SAME: fsc.signature = (tensor<4xf32>) -> tensor<4xf32>
func.func @main(%x: tensor<4xf32> {fsc.name = "x"}) -> (tensor<4xf32> {fsc.name = "y"}) {
  // CHECK: %[[X:.*]] = fsc.input 0 : memref<4xf32>
  // CHECK: %[[T:.*]] = fsc.allocate[] : memref<4xf32>
  // CHECK: fsc.launch @[[K:.*]]::@[[K]] ins(%[[X]] : memref<4xf32>) outs(%[[T]] : memref<4xf32>)
  // CHECK: %[[Y:.*]] = fsc.output 0[] : memref<4xf32>
  // CHECK: fsc.launch @[[K]]::@[[K]] ins(%[[T]] : memref<4xf32>) outs(%[[Y]] : memref<4xf32>)
  // Equal kernels share one function.
  // CHECK: module @[[K]]
  // CHECK: func.func @[[K]](%{{.*}}: tensor<4xf32>, %{{.*}}: tensor<4xf32>) -> tensor<4xf32>
  // CHECK: fsc.relu
  // CHECK-NOT: fsc.relu
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = fsc.relu(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Bools are bytes. The element count of a view is checked where it is not known.
// CHECK: func.func @main()
func.func @main(%x: tensor<?x4xi1>, %shape: tensor<2xi64>) -> tensor<?x?xi1> {
  // CHECK: fsc.input 0 : memref<?x4xi8>
  // CHECK: memref.load
  // CHECK: fsc.check %{{.*}}, "a tensor is given a shape with another number of elements"
  // CHECK: fsc.buffer_view %{{.*}} : memref<?x4xi8> -> memref<?x?xi8>
  %0 = fsc.reshape(%x, %shape) : (tensor<?x4xi1>, tensor<2xi64>) -> tensor<?x?xi1>
  return %0 : tensor<?x?xi1>
}

// -----

// The cost of a task, which the schedule estimates, stays with the kernel.
// CHECK: module @{{.*}} attributes {fsc.cost = 77 : i64
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = fsc.kernel <pointwise>, <"loops", cost = 77, tile = [0]> ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    %1 = fsc.relu(%a) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %1 : tensor<4xf32>
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
