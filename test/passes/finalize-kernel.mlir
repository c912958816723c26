// RUN: fsc-opt %s --pass-pipeline='builtin.module(builtin.module(fsc-finalize-kernel))' --split-input-file | FileCheck %s

module {
  module @k attributes {fsc.kernel_index = 0 : i64} {
    // The body: iterations [begin, end) of the loop.
    // CHECK: func.func private @k.body(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %[[B:.*]]: i64, %[[E:.*]]: i64, %{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: index)
    // CHECK: cf.br ^[[HEADER:.*]](%[[B]] : i64)
    // CHECK: ^[[HEADER]](%[[I:.*]]: i64):
    // CHECK: %[[MORE:.*]] = arith.cmpi slt, %[[I]], %[[E]]
    // CHECK: cf.cond_br %[[MORE]]
    func.func @k(%x: memref<?xf32>) {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      %zero = arith.constant 0.0 : f32
      scf.forall (%i) in (%n) {
        memref.store %zero, %x[%i] : memref<?xf32>
      }
      return
    }
    // CHECK: func.func @k.tasks(%{{.*}}: !llvm.ptr) -> i64
    // CHECK: memref.dim
    // CHECK: func.func @k(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
    // CHECK: call @k.body
  }
}

// -----

module {
  // CHECK: module @temporaries attributes {{.*}}fsc.scratch_bytes = 128
  module @temporaries attributes {fsc.kernel_index = 0 : i64} {
    // CHECK-NOT: memref.alloc
    func.func @temporaries(%x: memref<16xf32>) {
      %0 = memref.alloc() : memref<16xf32>
      %1 = memref.alloc() : memref<3xf32>
      memref.copy %x, %0 : memref<16xf32> to memref<16xf32>
      return
    }
  }
}

// -----

module {
  module @unbounded attributes {fsc.kernel_index = 0 : i64} {
    // A size that is not bounded: the runtime allocates, and a failure ends the kernel.
    // CHECK: llvm.call
    // CHECK: llvm.icmp "ne"
    // CHECK: cf.cond_br
    func.func @unbounded(%x: memref<?xf32>) {
      %c0 = arith.constant 0 : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      %0 = memref.alloc(%n) : memref<?xf32>
      memref.copy %x, %0 : memref<?xf32> to memref<?xf32>
      return
    }
  }
}

// -----

module {
  module @check attributes {fsc.kernel_index = 0 : i64} {
    // CHECK: llvm.mlir.global private constant @message{{.*}}("bad index\00")
    // CHECK: scf.if
    // CHECK: llvm.call
    func.func @check(%x: memref<1xi1>) {
      %c0 = arith.constant 0 : index
      %ok = memref.load %x[%c0] : memref<1xi1>
      fsc.check %ok, "bad index"
      return
    }
  }
}
