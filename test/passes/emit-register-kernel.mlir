// RUN: fsc-opt %s --fsc-emit-register-kernel --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// Tile: 2 rows x 2 vectors of 4 lanes; a task is 4 rows and the one panel.
// CHECK-LABEL: func.func @holds_a_tile_of_sums
// CHECK-SAME: (%{{.*}}: memref<8x16xf32>, %{{.*}}: memref<1x16x8xf32>, %{{.*}}: memref<8x8xf32>)
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: scf.for
// CHECK: %[[SUMS:.*]]:4 = scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>)
// CHECK-COUNT-2: vector.load
// CHECK-COUNT-4: vector.fma
// CHECK-COUNT-4: vector.store
func.func @holds_a_tile_of_sums(%a: tensor<8x16xf32>, %b: tensor<1x16x8xf32>, %out: tensor<8x8xf32>) -> tensor<8x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 2, 4, 4, 1]>} {
  %y = fsc.matmul(%a, %b) {pack = 8 : i64, columns = 8 : i64} : (tensor<8x16xf32>, tensor<1x16x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func.func @masks_the_vector_that_columns_do_not_fill
// CHECK: %[[MASK:.*]] = arith.constant dense<[true, false, false, false]> : vector<4xi1>
// CHECK: vector.maskedstore {{.*}}, %[[MASK]]
func.func @masks_the_vector_that_columns_do_not_fill(%a: tensor<2x16xf32>, %b: tensor<1x16x8xf32>, %out: tensor<2x5xf32>) -> tensor<2x5xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 2, 4, 2, 1]>} {
  %y = fsc.matmul(%a, %b) {pack = 8 : i64, columns = 5 : i64} : (tensor<2x16xf32>, tensor<1x16x8xf32>) -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}

// -----

// Rows 0 to 3 in two tiles, row 4 in one of its own.
// CHECK-LABEL: func.func @gives_left_over_rows_a_tile_of_their_own
// CHECK: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>)
// CHECK: scf.for {{.*}} -> (vector<4xf32>) {
func.func @gives_left_over_rows_a_tile_of_their_own(%a: tensor<5x16xf32>, %b: tensor<1x16x4xf32>, %out: tensor<5x4xf32>) -> tensor<5x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 1, 4, 6, 1]>} {
  %y = fsc.matmul(%a, %b) {pack = 4 : i64, columns = 4 : i64} : (tensor<5x16xf32>, tensor<1x16x4xf32>) -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

// -----

// CHECK-LABEL: func.func @starts_from_the_bias_and_applies_elementwise_ops_to_sums
// CHECK: %[[BIAS:.*]] = vector.load %{{.*}} : memref<4xf32>, vector<4xf32>
// CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[BIAS]])
// CHECK: vector.fma
// CHECK: scf.yield
// CHECK: %[[OTHER:.*]] = vector.load
// CHECK: %[[TOTAL:.*]] = arith.addf %[[SUM]], %[[OTHER]]
// CHECK: %[[RELU:.*]] = arith.maximumf %[[TOTAL]]
// CHECK: vector.store %[[RELU]]
func.func @starts_from_the_bias_and_applies_elementwise_ops_to_sums(%x: tensor<1x4x1x16xf32>, %w: tensor<1x1x16x4xf32>, %b: tensor<4xf32>, %r: tensor<1x4x1x4xf32>, %out: tensor<1x4x1x4xf32>) -> tensor<1x4x1x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [1, 1, 4, 4, 1]>} {
  %y = fsc.conv(%x, %w, %b) {channels_last = true, pack = 4 : i64, filters = 4 : i64, kernel_shape = array<i64: 1, 1>} : (tensor<1x4x1x16xf32>, tensor<1x1x16x4xf32>, tensor<4xf32>) -> tensor<1x4x1x4xf32>
  %s = fsc.add(%y, %r) : (tensor<1x4x1x4xf32>, tensor<1x4x1x4xf32>) -> tensor<1x4x1x4xf32>
  %z = fsc.relu(%s) : (tensor<1x4x1x4xf32>) -> tensor<1x4x1x4xf32>
  return %z : tensor<1x4x1x4xf32>
}

// -----

// CHECK-LABEL: func.func @reads_zeros_where_the_window_overlaps_padding
// CHECK: memref.alloc() : memref<
// CHECK: scf.if
// CHECK: arith.select {{.*}} : memref<
// CHECK: vector.fma
// CHECK: else
// CHECK: arith.select {{.*}} : memref<
// CHECK: vector.fma
func.func @reads_zeros_where_the_window_overlaps_padding(%x: tensor<1x8x8x16xf32>, %w: tensor<1x9x16x4xf32>, %out: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 1, 4, 64, 1]>} {
  %y = fsc.conv(%x, %w) {channels_last = true, pack = 4 : i64, filters = 4 : i64, kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x16xf32>, tensor<1x9x16x4xf32>) -> tensor<1x8x8x4xf32>
  return %y : tensor<1x8x8x4xf32>
}

// -----

// CHECK-LABEL: func.func @selects_nothing_without_padding
// CHECK-NOT: arith.select {{.*}} : memref<
// CHECK: vector.fma
func.func @selects_nothing_without_padding(%x: tensor<1x8x8x16xf32>, %w: tensor<1x9x16x4xf32>, %out: tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 1, 4, 36, 1]>} {
  %y = fsc.conv(%x, %w) {channels_last = true, pack = 4 : i64, filters = 4 : i64, kernel_shape = array<i64: 3, 3>} : (tensor<1x8x8x16xf32>, tensor<1x9x16x4xf32>) -> tensor<1x6x6x4xf32>
  return %y : tensor<1x6x6x4xf32>
}

// -----

// Full tiles, then as many rows as are left: 2, 1.
// CHECK-LABEL: func.func @takes_any_number_of_rows
// CHECK-COUNT-4: vector.fma
// CHECK-COUNT-2: vector.fma
// CHECK-COUNT-1: vector.fma
// CHECK-NOT: vector.fma
func.func @takes_any_number_of_rows(%a: tensor<?x16xf32>, %b: tensor<1x16x4xf32>, %out: tensor<?x4xf32>) -> tensor<?x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [4, 1, 4, 8, 1]>} {
  %y = fsc.matmul(%a, %b) {pack = 4 : i64, columns = 4 : i64} : (tensor<?x16xf32>, tensor<1x16x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: func.func @masks_columns_of_unknown_number
// CHECK: scf.forall
// CHECK: arith.cmpi sgt, {{.*}} : vector<4xi32>
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
func.func @masks_columns_of_unknown_number(%a: tensor<2x3x4xf32>, %b: tensor<2x4x?xf32>, %out: tensor<2x3x?xf32>) -> tensor<2x3x?xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [3, 1, 4, 3, 1]>} {
  %y = fsc.matmul(%a, %b) : (tensor<2x3x4xf32>, tensor<2x4x?xf32>) -> tensor<2x3x?xf32>
  return %y : tensor<2x3x?xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_kernels_with_another_template
// CHECK: fsc.matmul
func.func @leaves_kernels_with_another_template(%a: tensor<8x16xf32>, %b: tensor<16x8xf32>, %out: tensor<8x8xf32>) -> tensor<8x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"loops", cost = 1, tile = [1, 0]>} {
  %y = fsc.matmul(%a, %b) : (tensor<8x16xf32>, tensor<16x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// -----

// expected-error @below {{internal: the schedule does not fit the kernel: an operand is not f32}}
func.func @refuses_other_elements(%a: tensor<8x16xf64>, %b: tensor<16x8xf64>, %out: tensor<8x8xf64>) -> tensor<8x8xf64>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 2, 4, 4, 1]>} {
  %y = fsc.matmul(%a, %b) : (tensor<8x16xf64>, tensor<16x8xf64>) -> tensor<8x8xf64>
  return %y : tensor<8x8xf64>
}

// -----

// expected-error @below {{internal: the schedule does not fit the kernel: the filter is not packed in panels}}
func.func @refuses_filters_that_are_not_packed(%x: tensor<1x8x8x16xf32>, %w: tensor<4x16x3x3xf32>, %out: tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    attributes {fsc.schedule = #fsc.schedule<"register", cost = 1, tile = [2, 2, 4, 4, 1]>} {
  %y = fsc.conv(%x, %w) {channels_last = true} : (tensor<1x8x8x16xf32>, tensor<4x16x3x3xf32>) -> tensor<1x6x6x4xf32>
  return %y : tensor<1x6x6x4xf32>
}
