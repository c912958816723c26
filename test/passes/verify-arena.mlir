// RUN: fsc-opt %s --fsc-verify-arena --split-input-file --verify-diagnostics

module @k { func.func @k() { return } }

func.func @rejects_buffers_that_overlap() attributes {fsc.arena_bytes = 128 : i64} {
  // expected-note @+1 {{the other buffer}}
  %0 = fsc.arena 0 size 128 live 0 to 1 : memref<16xf32>
  // expected-error @+1 {{shares bytes with a buffer that is live at the same time}}
  %1 = fsc.arena 64 size 64 live 1 to 1 : memref<16xf32>
  return
}

// -----

module @k { func.func @k() { return } }

func.func @rejects_a_use_outside_the_lifetime() attributes {fsc.arena_bytes = 64 : i64} {
  // expected-note @+1 {{the buffer is live from 0 to 0}}
  %0 = fsc.arena 0 size 64 live 0 to 0 : memref<16xf32>
  %y = fsc.output 0[] : memref<16xf32>
  fsc.launch @k::@k ins() outs(%0 : memref<16xf32>)
  // expected-error @+1 {{uses a buffer at launch 1, outside its lifetime}}
  fsc.launch @k::@k ins(%0 : memref<16xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

func.func @rejects_a_place_that_is_too_small() attributes {fsc.arena_bytes = 64 : i64} {
  // expected-error @+1 {{expected a place as large as the buffer}}
  %0 = fsc.arena 0 size 60 live 0 to 0 : memref<16xf32>
  return
}

// -----

func.func @rejects_a_place_outside_the_arena() attributes {fsc.arena_bytes = 64 : i64} {
  // expected-error @+1 {{expected a place inside the arena}}
  %0 = fsc.arena 64 size 64 live 0 to 0 : memref<16xf32>
  return
}

// -----

func.func @rejects_an_offset_that_is_not_aligned() attributes {fsc.arena_bytes = 128 : i64} {
  // expected-error @+1 {{expected an offset aligned to 64 bytes, got 4}}
  %0 = fsc.arena 4 size 64 live 0 to 0 : memref<16xf32>
  return
}

// -----

module @k { func.func @k() { return } }

func.func @rejects_a_buffer_that_a_loop_outlives(%go: i1) attributes {fsc.arena_bytes = 64 : i64} {
  // expected-note @+1 {{the buffer is live from 0 to 1}}
  %0 = fsc.arena 0 size 64 live 0 to 1 : memref<16xf32>
  %y = fsc.output 0[] : memref<16xf32>
  fsc.launch @k::@k ins() outs(%0 : memref<16xf32>)
  // expected-error @+1 {{uses a buffer at launch 2, outside its lifetime}}
  %1 = scf.while (%a = %go) : (i1) -> i1 {
    scf.condition(%a) %a : i1
  } do {
  ^bb0(%a: i1):
    fsc.launch @k::@k ins(%0 : memref<16xf32>) outs(%y : memref<16xf32>)
    fsc.launch @k::@k ins(%y : memref<16xf32>) outs(%y : memref<16xf32>)
    scf.yield %a : i1
  }
  return
}

// -----

module @k { func.func @k() { return } }

func.func @rejects_a_view_in_a_branch_outside_the_lifetime(%go: i1) attributes {fsc.arena_bytes = 64 : i64} {
  // expected-note @+1 {{the buffer is live from 0 to 0}}
  %0 = fsc.arena 0 size 64 live 0 to 0 : memref<4x4xf32>
  %y = fsc.output 0[] : memref<4xf32>
  fsc.launch @k::@k ins() outs(%0 : memref<4x4xf32>)
  scf.if %go {
    %c = arith.constant 1 : index
    %1 = fsc.element %0[%c] : memref<4x4xf32> -> memref<4xf32>
    // expected-error @+1 {{uses a buffer at launch 1, outside its lifetime}}
    fsc.launch @k::@k ins(%1 : memref<4xf32>) outs(%y : memref<4xf32>)
  }
  return
}

// -----

module @k { func.func @k() { return } }

// %b may be longer than %a, and %c does not end before it.
func.func @rejects_formulas_that_do_not_keep_buffers_apart(%n: index, %m: index) attributes {fsc.arena_bytes = 0 : i64} {
  %start = arith.constant 0 : index
  %an = fsc.bytes[%n] : memref<?xf32>
  %bm = fsc.bytes[%m] : memref<?xf32>
  %end = arith.addi %start, %an : index
  %endb = arith.addi %start, %bm : index
  %total = arith.maxsi %end, %endb : index
  fsc.reserve %total
  // expected-note @+1 {{the other buffer}}
  %a = fsc.place %start size %an[%n] live 0 to 1 : memref<?xf32>
  // expected-error @+1 {{may share bytes with a buffer that is live at the same time}}
  %b = fsc.place %start size %bm[%m] live 1 to 1 : memref<?xf32>
  return
}

// -----

func.func @rejects_a_formula_beyond_what_is_reserved(%n: index) attributes {fsc.arena_bytes = 0 : i64} {
  %start = arith.constant 0 : index
  %bytes = fsc.bytes[%n] : memref<?xf32>
  fsc.reserve %start
  // expected-error @+1 {{expected a place inside of what is reserved}}
  %a = fsc.place %start size %bytes[%n] live 0 to 0 : memref<?xf32>
  return
}

// -----

func.func @rejects_bytes_of_other_sizes(%n: index, %m: index) attributes {fsc.arena_bytes = 0 : i64} {
  %start = arith.constant 0 : index
  %bytes = fsc.bytes[%m] : memref<?xf32>
  %end = arith.addi %start, %bytes : index
  fsc.reserve %end
  // expected-error @+1 {{expected the bytes of the buffer's own sizes}}
  %a = fsc.place %start size %bytes[%n] live 0 to 0 : memref<?xf32>
  return
}

// -----

func.func @rejects_a_formula_among_static_buffers(%n: index) attributes {fsc.arena_bytes = 64 : i64} {
  %0 = fsc.arena 0 size 64 live 0 to 0 : memref<16xf32>
  %start = arith.constant 0 : index
  %bytes = fsc.bytes[%n] : memref<?xf32>
  %end = arith.addi %start, %bytes : index
  fsc.reserve %end
  // expected-error @+1 {{expected an offset of sums of bytes, maxima and multiples of 64 behind the static buffers}}
  %a = fsc.place %start size %bytes[%n] live 1 to 1 : memref<?xf32>
  return
}

// -----

func.func @rejects_a_place_that_nothing_reserves(%n: index) attributes {fsc.arena_bytes = 0 : i64} {
  %start = arith.constant 0 : index
  %bytes = fsc.bytes[%n] : memref<?xf32>
  // expected-error @+1 {{expected fsc.reserve before it}}
  %a = fsc.place %start size %bytes[%n] live 0 to 0 : memref<?xf32>
  return
}
