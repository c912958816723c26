//===- Artifact.h - What a compiled module and the runtime agree on -*- C -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled module exports one symbol, `fsc_artifact`, of type
// `fsc_abi_artifact`. Everything the runtime may ask of the module, and all
// that the module may ask of the runtime, goes through the types of this
// header. The compiler builds the same structs as LLVM constants; the layout
// is pinned by the static assertions at the end.
//
// Every buffer that crosses this interface is contiguous and row-major.
// Element types are numbered as in ONNX's TensorProto.DataType. A bool is one
// byte, 0 or 1. So is an element of a type narrower than a byte: its bits,
// zero-extended. The runtime packs and unpacks these for its callers, who have
// them as ONNX's TensorProto has them, low bits first.
// A string is its number, an int64_t: within a run equal strings have equal numbers,
// 0 is the empty string, and 1, 2, … are the strings of the artefact's table.
// A sequence, optional or map is a list; it is a tensor of rank 0 whose element is its number in the run, an
// int64_t. Lists never change. A sequence has its elements, an optional has none or one, and a map has two, a vector of
// keys and a vector of as many values. 0 is the list without elements.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_ABI_ARTIFACT_H
#define FSC_RUNTIME_ABI_ARTIFACT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FSC_ABI_MAGIC 0x0043534649534146ull /* "FASIFSC\0", little endian */
#define FSC_ABI_VERSION 2u
#define FSC_ABI_SYMBOL "fsc_artifact"
/* Alignment of the arena, of each buffer in it, of scratch and of weights. */
#define FSC_ABI_ALIGNMENT 64u
#define FSC_ABI_DYNAMIC (-1)

/* Status codes that compiled code returns and raises. 0 is success. */
enum {
  FSC_ABI_OK = 0,
  FSC_ABI_ERROR_INVALID_ARGUMENT = 1, /* an input's value or shape is wrong */
  FSC_ABI_ERROR_OUT_OF_MEMORY = 2,
  FSC_ABI_ERROR_INTERNAL = 3,
  FSC_ABI_ERROR_UNSUPPORTED = 4 /* the runtime is too old for the artefact */
};

/* Element types beyond ONNX's numbers. */
enum { FSC_ABI_SEQUENCE = 256, FSC_ABI_OPTIONAL = 257, FSC_ABI_MAP = 258 };

/* One dimension of a signature. A symbolic dim has size FSC_ABI_DYNAMIC; equal
   symbols must be given equal sizes. symbol is an index into
   fsc_abi_artifact.symbols, or -1. */
typedef struct fsc_abi_dim {
  int64_t size;
  int64_t symbol;
} fsc_abi_dim;

/* The sizes that a symbol may be given. */
typedef struct fsc_abi_range {
  int64_t least, most;
} fsc_abi_range;

/* One input or output of the model, in graph order; or what a list is of. */
typedef struct fsc_abi_value {
  const char *name;
  int32_t dtype;                       /* ONNX TensorProto.DataType, or that of a list */
  int32_t rank;                        /* of what a list is of, -1: any */
  const fsc_abi_dim *dims;             /* [rank] */
  const struct fsc_abi_value *element; /* what a sequence or optional is of, or a map's keys and values; else null */
} fsc_abi_value;

/* One tensor given to a run. */
typedef struct fsc_abi_tensor {
  void *data;          /* contiguous, row-major */
  const int64_t *dims; /* [rank of the value] */
} fsc_abi_tensor;

/* A string; it need not end in 0. */
typedef struct fsc_abi_string {
  const char *data;
  int64_t size;
} fsc_abi_string;

struct fsc_abi_context;

/* One kernel's code for the tasks [begin, end). words are the kernel's
   arguments: for each buffer its address, then its dynamic sizes in order.
   scratch is private to the calling worker, scratch_bytes long. A failure is
   reported through host->fail; the remaining tasks may then be skipped. */
typedef void (*fsc_abi_kernel_fn)(struct fsc_abi_context *context, const int64_t *words, void *scratch, int64_t begin,
                                  int64_t end);

/* One operand or result of a routine. Of a result, dims holds FSC_ABI_DYNAMIC where the
   size is not known, and the routine sets data and dims: the memory is that of
   host->output if output is not -1, else of host->allocate. */
typedef struct fsc_abi_argument {
  void *data;
  int64_t *dims; /* [rank] */
  int32_t dtype; /* ONNX TensorProto.DataType; 0: an absent operand, a result that is not wanted */
  int32_t rank;
  int64_t output; /* of a result: the index of the model's output that it is, or -1 */
} fsc_abi_argument;

enum {
  FSC_ABI_INTS = 1,   /* int64_t */
  FSC_ABI_FLOATS = 2, /* double */
  FSC_ABI_STRINGS = 3 /* pairs of int64_t: where the string is, and its size */
};

/* One attribute of a routine's operator. Names, values and strings are at offsets in
   bytes from the first attribute, so that the table is one constant. */
typedef struct fsc_abi_attribute {
  int64_t name; /* ends in 0 */
  int64_t kind;
  int64_t count;
  int64_t values; /* [count], aligned */
} fsc_abi_attribute;

/* What a loop that makes lists tells the runtime. */
enum { FSC_ABI_LOOP_BEGINS = 0, FSC_ABI_ITERATION_ENDS = 1, FSC_ABI_LOOP_ENDS = 2 };

/* One element of a list: a tensor, or a list, whose number data points to. */
typedef struct fsc_abi_element {
  const void *data; /* contiguous, row-major */
  const int64_t *dims;
  int32_t dtype;
  int32_t rank;
} fsc_abi_element;

typedef struct fsc_abi_call {
  const char *node; /* the ONNX node, for messages */
  int64_t input_count;
  const fsc_abi_argument *inputs;
  int64_t result_count;
  const fsc_abi_argument *results;
  int64_t attribute_count;
  const fsc_abi_attribute *attributes; /* in no order */
  const char *routine;                 /* the name by which it was asked for */
} fsc_abi_call;

/* What fsc_abi_host.routine gives. Returns a status; one that is not 0 is recorded. What a failed call
   has allocated is reclaimed at the end of the run. */
typedef int32_t (*fsc_abi_routine_fn)(struct fsc_abi_context *context, const fsc_abi_call *call);

/* What compiled code may ask of the runtime. May grow at the end: compiled code
   checks nothing but was built against some `version`, and the runtime accepts
   every version it knows. All functions may be called from a run only. */
typedef struct fsc_abi_host {
  uint32_t version; /* FSC_ABI_VERSION */
  uint32_t size;    /* sizeof(fsc_abi_host) */
  /* The buffer for output `index`, whose sizes are now known. Null after a
     failure (already recorded): the caller must return at once. */
  void *(*output)(struct fsc_abi_context *, int64_t index, const int64_t *dims);
  /* Memory whose size was not known when the arena was planned. Aligned to
     FSC_ABI_ALIGNMENT; null after a failure (already recorded). Kernels may
     call both from any worker. What is not released is reclaimed at the end of
     the run. */
  void *(*allocate)(struct fsc_abi_context *, int64_t bytes);
  void (*release)(struct fsc_abi_context *, void *);
  /* Runs fn over the tasks [0, tasks), split among the workers. cost is an
     estimate of one task's work in nanoseconds, from which the runtime decides how
     many workers are worth waking. kernel is the kernel's index in the table (for the
     profiler). Returns the run's status: not 0 if any task failed. */
  int32_t (*parallel)(struct fsc_abi_context *, int64_t kernel, fsc_abi_kernel_fn fn, const int64_t *words,
                      int64_t tasks, int64_t cost);
  /* Records a failure (the first one is kept) and returns `code`. */
  int32_t (*fail)(struct fsc_abi_context *, int32_t code, const char *message);
  /* The routine for the ONNX operator `name`, or null: irregular operators. */
  fsc_abi_routine_fn (*routine)(struct fsc_abi_context *, const char *name);
  /* For routines, which run one at a time. The number of a string; -1 after a failure (already recorded). */
  int64_t (*intern)(struct fsc_abi_context *, const char *data, int64_t size);
  /* The string of a number, good until the end of the run; empty if there is none. */
  fsc_abi_string (*string)(struct fsc_abi_context *, int64_t number);
  /* 64 random bits, other ones for each call and session. */
  uint64_t (*random)(struct fsc_abi_context *);
  /* Makes the context's arena at least `bytes` long, before a run has anything in it: the arena's plan is a formula in
     sizes that the run knows now. The session keeps the longest. Returns a status; one that is not 0 is recorded. */
  int32_t (*reserve)(struct fsc_abi_context *, int64_t bytes);
  /* The same as fail; {0} and {1} in the message stand for the numbers. */
  int32_t (*fail_with)(struct fsc_abi_context *, int32_t code, const char *message, int64_t first, int64_t second);
  /* The number of elements of a list. */
  int64_t (*list_size)(struct fsc_abi_context *, int64_t list);
  /* Gives an element, whose memory is good until the end of the run; that of a list's number, until the next call.
     Returns a status: an index out of range is the caller's mistake. */
  int32_t (*list_element)(struct fsc_abi_context *, int64_t list, int64_t index, fsc_abi_element *element);
  /* The number of a new list: `list` with `erased` elements from index on replaced by `count` new ones, which are
     copied; -1 after a failure (already recorded). */
  int64_t (*list_splice)(struct fsc_abi_context *, int64_t list, int64_t index, int64_t erased,
                         const fsc_abi_element *elements, int64_t count);
  /* FSC_ABI_LOOP_BEGINS, …. At the end of an iteration the lists that the loop has made are forgotten but for those of
     `count` numbers. Returns a status. */
  int32_t (*list_loop)(struct fsc_abi_context *, int32_t event, const int64_t *carried, int64_t count);
} fsc_abi_host;

/* The state of one run. The runtime's own state may follow it. */
typedef struct fsc_abi_context {
  const fsc_abi_host *host;
  const fsc_abi_tensor *inputs; /* in graph order */
  void *arena;                  /* arena_bytes or what was reserved, aligned */
  const void *weights;          /* weights_bytes, aligned */
} fsc_abi_context;

/* One kernel, for the profiler and the report. */
typedef struct fsc_abi_kernel {
  const char *name;     /* unique in the module */
  const char *location; /* the ONNX nodes it computes, comma separated */
  const char *anchor;   /* "contraction", "convolution", "pointwise", … */
  double flops;         /* per run at static shapes; 0 where unknown */
  double bytes;         /* read and written, likewise */
} fsc_abi_kernel;

/* The same model compiled for one level of the target. The runtime takes the
   first variant whose features the machine has. */
typedef struct fsc_abi_variant {
  const char *cpu;             /* "x86-64-v4", "aarch64", … */
  const char *const *features; /* LLVM's names, null-terminated: "avx512f", … */
  int32_t (*run)(fsc_abi_context *);
  int64_t arena_bytes;
  int64_t scratch_bytes; /* for each worker */
} fsc_abi_variant;

/* A routine that the code asks for by name. The runtime finds all of them as it loads the artefact. */
typedef struct fsc_abi_routine {
  const char *name;    /* the ONNX operator */
  const char *node;    /* the first ONNX node that needs it, for messages */
  const char *library; /* of a custom operator: the file name of its library; else null */
} fsc_abi_routine;

typedef struct fsc_abi_artifact {
  uint64_t magic;         /* FSC_ABI_MAGIC */
  uint32_t version;       /* FSC_ABI_VERSION */
  uint32_t size;          /* sizeof(fsc_abi_artifact) */
  const char *target;     /* "cpu", "cuda" */
  const char *name;       /* the model's name */
  const char *provenance; /* JSON: hashes of model, options and compiler */
  int64_t input_count;
  const fsc_abi_value *inputs;
  int64_t output_count;
  const fsc_abi_value *outputs;
  int64_t symbol_count;
  const char *const *symbols; /* names of symbolic dims */
  int64_t kernel_count;
  const fsc_abi_kernel *kernels;
  int64_t variant_count;
  const fsc_abi_variant *variants; /* best first */
  int64_t weights_bytes;
  const void *weights;      /* page-aligned, or null if in a side file */
  const char *weights_file; /* beside the artefact, or null */
  uint64_t weights_hash;    /* XXH3 (64 bit) of the side file; 0 if there is none */
  int64_t string_count;
  const fsc_abi_string *strings; /* those of constants, all different, none empty */
  int64_t routine_count;
  const fsc_abi_routine *routines; /* all different */
  const fsc_abi_range *ranges;     /* [symbol_count], or null where any size will do */
} fsc_abi_artifact;

#ifdef __cplusplus
} // extern "C"
#define FSC_ABI_STATIC_ASSERT static_assert
#else
#define FSC_ABI_STATIC_ASSERT _Static_assert
#endif

/* Both sides build these structs on 64-bit, little-endian machines only. */
FSC_ABI_STATIC_ASSERT(sizeof(void *) == 8, "fsc artefacts are 64-bit");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_dim) == 16, "layout of fsc_abi_dim");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_range) == 16, "layout of fsc_abi_range");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_value) == 32, "layout of fsc_abi_value");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_tensor) == 16, "layout of fsc_abi_tensor");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_string) == 16, "layout of fsc_abi_string");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_argument) == 32, "layout of fsc_abi_argument");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_attribute) == 32, "layout of fsc_abi_attribute");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_element) == 24, "layout of fsc_abi_element");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_call) == 64, "layout of fsc_abi_call");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_host) == 128, "layout of fsc_abi_host");
FSC_ABI_STATIC_ASSERT(offsetof(fsc_abi_host, output) == 8, "layout of fsc_abi_host");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_context) == 32, "layout of fsc_abi_context");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_kernel) == 40, "layout of fsc_abi_kernel");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_variant) == 40, "layout of fsc_abi_variant");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_routine) == 24, "layout of fsc_abi_routine");
FSC_ABI_STATIC_ASSERT(sizeof(fsc_abi_artifact) == 192, "layout of fsc_abi_artifact");

#undef FSC_ABI_STATIC_ASSERT

#endif // FSC_RUNTIME_ABI_ARTIFACT_H
