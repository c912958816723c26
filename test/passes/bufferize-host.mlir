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

// -----

// The kernels of both branches write to one buffer around them.
// CHECK: func.func @main()
func.func @main(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[R:.*]] = fsc.allocate[] : memref<4xf32>
  // CHECK: scf.if
  // CHECK: fsc.launch @{{.*}} outs(%[[R]] : memref<4xf32>)
  // CHECK: } else {
  // CHECK: fsc.launch @{{.*}} outs(%[[R]] : memref<4xf32>)
  // CHECK: fsc.output
  // CHECK: fsc.launch @{{.*}} ins(%[[R]] : memref<4xf32>)
  %r = fsc.if %c : tensor<i1> -> tensor<4xf32> then {
    %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %0 : tensor<4xf32>
  } else {
    fsc.yield %x : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// What has a dynamic size is handed on.
// CHECK: func.func @main()
func.func @main(%c: tensor<i1>, %x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: %[[R:.*]]:2 = scf.if %{{.*}} -> (!llvm.ptr, index) {
  // CHECK: %[[A:.*]] = fsc.allocate[%{{.*}}] : memref<?xf32>
  // CHECK: fsc.launch @{{.*}} outs(%[[A]]
  // CHECK: %[[P:.*]] = fsc.address %[[A]]
  // CHECK: scf.yield %[[P]], %{{.*}} : !llvm.ptr, index
  // CHECK: fsc.buffer %[[R]]#0[%[[R]]#1] {owned}
  %r = fsc.if %c : tensor<i1> -> tensor<?xf32> then {
    %0 = fsc.relu(%x) : (tensor<?xf32>) -> tensor<?xf32>
    fsc.yield %0 : tensor<?xf32>
  } else {
    fsc.yield %x : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// The carried value has a buffer around the loop; the element is written to its place.
// CHECK: func.func @main()
func.func @main(%n: tensor<i64>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>) {
  // CHECK: %[[C:.*]] = fsc.allocate[] : memref<4xf32>
  // CHECK: fsc.launch @{{.*}} outs(%[[C]]
  // CHECK: %[[ALL:.*]] = fsc.allocate[%{{.*}}] : memref<?x4xf32>
  // CHECK: scf.while (%{{.*}} = %c0{{.*}}, %{{.*}} = %true{{.*}}) : (index, i1) -> (index, i1) {
  // CHECK: } do {
  // CHECK: ^bb0(%[[I:.*]]: index, %{{.*}}: i1):
  // CHECK: %[[E:.*]] = fsc.element %[[ALL]][%[[I]]] : memref<?x4xf32> -> memref<4xf32>
  // CHECK: %[[NEXT:.*]] = fsc.allocate[] : memref<4xf32>
  // CHECK: fsc.launch @{{.*}} ins(%[[C]] : memref<4xf32>) outs(%[[NEXT]] : memref<4xf32>)
  // CHECK: fsc.launch @{{.*}} ins(%[[NEXT]] : memref<4xf32>) outs(%[[E]] : memref<4xf32>)
  // CHECK: memref.copy %[[NEXT]], %[[C]]
  // CHECK: scf.yield
  %r:2 = fsc.loop times(%n : tensor<i64>) carry(%x : tensor<4xf32>) -> tensor<4xf32>, tensor<?x4xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    %t = fsc.constant dense<true> : tensor<i1>
    %0 = fsc.relu(%a) : (tensor<4xf32>) -> tensor<4xf32>
    %1 = fsc.neg(%0) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %t, %0, %1 : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<?x4xf32>
}

// -----

// The number of elements is not known before the loop ends: their buffer grows.
// CHECK: func.func @main()
func.func @main(%go: tensor<i1>, %x: tensor<4xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[NULL:.*]] = llvm.mlir.zero : !llvm.ptr
  // CHECK: %[[W:.*]]:4 = scf.while (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %{{.*}} = %[[NULL]], %{{.*}} = %{{.*}}) : (index, i1, !llvm.ptr, index)
  // CHECK: ^bb0(%[[I:.*]]: index, %{{.*}}: i1, %[[P:.*]]: !llvm.ptr, %[[CAP:.*]]: index):
  // CHECK: %[[FULL:.*]] = arith.cmpi eq, %[[I]], %[[CAP]]
  // CHECK: scf.if %[[FULL]] -> (!llvm.ptr, index) {
  // CHECK: fsc.allocate
  // CHECK: memref.copy
  // CHECK: fsc.release
  // CHECK: } else {
  // CHECK: scf.yield %[[P]], %[[CAP]]
  // CHECK: memref.copy
  // CHECK: fsc.buffer %[[W]]#2[%[[W]]#0] {owned}
  %r = fsc.loop while(%go : tensor<i1>) carry() -> tensor<?x4xf32> {
  ^bb0(%i: tensor<i64>):
    %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %go, %0 : tensor<i1>, tensor<4xf32>
  }
  return %r : tensor<?x4xf32>
}
