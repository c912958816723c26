//===- fsc.h - Loading and running compiled models --------------*- C -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C99 interface of the fsc runtime.
//
//   fsc_module *module = NULL;
//   fsc_session *session = NULL;
//   fsc_status status = fsc_module_load("model.so", &module);
//   if (!status) status = fsc_session_create(module, NULL, &session);
//   if (!status) {
//     int64_t dims[2] = {1, 3};
//     float x[3] = {1, 2, 3};
//     fsc_tensor in = {x, FSC_FLOAT32, 2, dims, NULL};
//     fsc_tensor out = {0};                   // data NULL: the session allocates
//     status = fsc_session_run(session, &in, 1, &out, 1);
//   }
//   if (status) fprintf(stderr, "%s\n", fsc_status_message(status));
//   fsc_status_destroy(status);
//   fsc_session_destroy(session);
//   fsc_module_destroy(module);
//
// Objects. A module is a loaded artefact: constant after loading, usable from
// every thread at once. A session is the state of one run at a time: buffers
// and worker threads. Several sessions may run over one module at once. There
// is no global state.
//
// Failure. Every function that can fail returns an fsc_status, which is NULL on
// success; otherwise it holds a code and a message and is released with
// fsc_status_destroy. A function that fails writes to none of its results.
//
// Arguments are not null unless it is said that they may be. Functions that return a status
// check them; the queries that return their answer do not.
//
// Ownership is in the verb: what load and create return is released by destroy;
// every pointer that a query returns is borrowed and lives as long as its module
// (or session, where the comment says so).
//
//===----------------------------------------------------------------------===//

#ifndef FSC_FSC_H
#define FSC_FSC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define FSC_API __attribute__((visibility("default")))
#define FSC_MUST_USE __attribute__((warn_unused_result))
#else
#define FSC_API
#define FSC_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status ------------------------------------------------------------ */

/* NULL is success. */
typedef struct fsc_status_object *fsc_status;

/* What went wrong, by who can mend it. */
typedef enum fsc_code {
  FSC_OK = 0,
  FSC_ERROR_ARGUMENT = 1,    /* the call itself is wrong: a null pointer, an index out of range */
  FSC_ERROR_INPUT = 2,       /* a tensor does not fit the model's signature, or holds an illegal value */
  FSC_ERROR_NOT_FOUND = 3,   /* a file cannot be opened, or no input has that name */
  FSC_ERROR_MODEL = 4,       /* the file is no artefact, is damaged, or is of another version */
  FSC_ERROR_UNSUPPORTED = 5, /* a good artefact, but for another machine: compile it for this one */
  FSC_ERROR_OUT_OF_MEMORY = 6,
  FSC_ERROR_INTERNAL = 7 /* a defect of the runtime or of the compiled code */
} fsc_code;

/* FSC_OK for NULL. */
FSC_API fsc_code fsc_status_code(fsc_status status);
/* The message, in lower case, without a full stop; "" for NULL. Lives as long as
   the status. */
FSC_API const char *fsc_status_message(fsc_status status);
/* Releases a status; NULL is allowed. */
FSC_API void fsc_status_destroy(fsc_status status);
/* A code's name: "input", "model", ... */
FSC_API const char *fsc_code_name(fsc_code code);

/* ---- Types ------------------------------------------------------------- */

/* One element of a tensor of strings: `size` bytes, UTF-8 by ONNX's rules, which need not
   end in 0. Those of inputs are the caller's, and copied; those of outputs are the session's, good until its
   next run. Where an input takes what the last run returned, that is good too. */
typedef struct fsc_string {
  const char *data;
  size_t size;
} fsc_string;

/* Element types, numbered as in ONNX's TensorProto.DataType. A bool is one byte,
   0 or 1; a string is an fsc_string. Types narrower than a byte are packed, low bits first, those of 6 bits
   across bytes, and cannot be strided. */
typedef enum fsc_dtype {
  FSC_UNDEFINED = 0,
  FSC_FLOAT32 = 1,
  FSC_UINT8 = 2,
  FSC_INT8 = 3,
  FSC_UINT16 = 4,
  FSC_INT16 = 5,
  FSC_INT32 = 6,
  FSC_INT64 = 7,
  FSC_STRING = 8,
  FSC_BOOL = 9,
  FSC_FLOAT16 = 10,
  FSC_FLOAT64 = 11,
  FSC_UINT32 = 12,
  FSC_UINT64 = 13,
  FSC_COMPLEX64 = 14,
  FSC_COMPLEX128 = 15,
  FSC_BFLOAT16 = 16,
  FSC_FLOAT8E4M3FN = 17,
  FSC_FLOAT8E4M3FNUZ = 18,
  FSC_FLOAT8E5M2 = 19,
  FSC_FLOAT8E5M2FNUZ = 20,
  FSC_UINT4 = 21,
  FSC_INT4 = 22,
  FSC_FLOAT4E2M1 = 23,
  FSC_FLOAT8E8M0 = 24,
  FSC_UINT2 = 25,
  FSC_INT2 = 26,
  FSC_FLOAT6E2M3 = 27,
  FSC_FLOAT6E3M2 = 28,
  /* What is no tensor in ONNX is a tensor of rank 0 whose one element is an fsc_list. */
  FSC_SEQUENCE = 256,
  FSC_OPTIONAL = 257,
  FSC_MAP = 258
} fsc_dtype;

/* "float32", "int8", "sequence", ...; NULL for a number that names no type. */
FSC_API const char *fsc_dtype_name(int32_t dtype);
/* Bits of one element: 32, 8, 4, ...; 0 for a number that names no type. */
FSC_API size_t fsc_dtype_bits(int32_t dtype);

/* One dimension of a signature. */
typedef struct fsc_dim {
  int64_t size;       /* elements, or -1 where any size will do */
  const char *symbol; /* the name of a dimension of any size, or NULL; equal names take equal sizes */
} fsc_dim;

/* One input or output of the model, or what a list is of. */
typedef struct fsc_value {
  const char *name;    /* "" for what a list is of */
  int32_t dtype;       /* fsc_dtype */
  int32_t rank;        /* of what a list is of, -1: any */
  const fsc_dim *dims; /* [rank]; no symbols in lists, whose elements may differ */
  /* What a sequence or optional is of, or two values: what the keys and the values of a map are; NULL for tensors. */
  const struct fsc_value *element;
} fsc_value;

/* A strided array in the caller's memory. */
typedef struct fsc_tensor {
  void *data;             /* the element at index 0, 0, ... */
  int32_t dtype;          /* fsc_dtype */
  int32_t rank;           /* 0 for a scalar */
  const int64_t *dims;    /* [rank], elements */
  const int64_t *strides; /* [rank], bytes from one index to the next, of any sign; NULL: row-major, no gaps */
} fsc_tensor;

/* The element of an fsc_tensor of dtype FSC_SEQUENCE, FSC_OPTIONAL or FSC_MAP: a sequence has its elements, an optional
   none or one; a map has two, a vector of different keys and a vector of as many values. Elements may be lists
   themselves. Those of inputs are the caller's, and copied; those of outputs, with all that they point to, are the
   session's, good until its next run ends. Where an input takes what the last run returned, or an element of it, that
   is good too.

     fsc_list list = {elements, 3};
     fsc_tensor input = {&list, FSC_SEQUENCE, 0, NULL, NULL}; */
typedef struct fsc_list {
  const fsc_tensor *elements;
  size_t size;
} fsc_list;

/* ---- Module ------------------------------------------------------------ */

typedef struct fsc_module fsc_module;

/* Loads the artefact at `path` (a file, not a library name) and picks the best
   code in it that this machine can run. Weights kept in a file beside the
   artefact are mapped and checked against their hash. The file must not be
   overwritten in place while it is loaded; replacing it by a rename is fine.
   What the artefact needs beyond the runtime is loaded too: runtime modules, which
   are looked for in the folders of the environment variable FSC_MODULE_PATH, beside
   the runtime, and in the system's library path.
   Errors: NOT_FOUND, MODEL, UNSUPPORTED, OUT_OF_MEMORY. */
FSC_API FSC_MUST_USE fsc_status fsc_module_load(const char *path, fsc_module **module);

typedef struct fsc_module_options {
  /* sizeof(fsc_module_options): the structure may grow. */
  size_t size;
  /* Paths of shared libraries with custom operators, see fsc/custom_op.h. A model that was
     compiled with custom operators needs libraries that define them. They stay loaded as long as the module. */
  const char *const *custom_op_libraries;
  size_t custom_op_library_count;
} fsc_module_options;

/* The same with options, which may be NULL: the defaults. */
FSC_API FSC_MUST_USE fsc_status fsc_module_load_with(const char *path, const fsc_module_options *options,
                                                     fsc_module **module);
/* Releases the module, once the last of its sessions is destroyed too. NULL is
   allowed. */
FSC_API void fsc_module_destroy(fsc_module *module);

FSC_API const char *fsc_module_name(const fsc_module *module);
/* "cpu", ... */
FSC_API const char *fsc_module_target(const fsc_module *module);
/* The level of the code that was picked: "x86-64-v4", ... */
FSC_API const char *fsc_module_cpu(const fsc_module *module);
/* Where the artefact comes from, as JSON: hashes of model, options, compiler. */
FSC_API const char *fsc_module_provenance(const fsc_module *module);
/* Bytes of constants that the code reads. */
FSC_API int64_t fsc_module_weights_bytes(const fsc_module *module);
/* Bytes of planned buffers that each session holds from its start. Those of dynamic sizes that have no bound come
   with the runs: a session keeps as much as its largest run needed. */
FSC_API int64_t fsc_module_arena_bytes(const fsc_module *module);

FSC_API size_t fsc_module_input_count(const fsc_module *module);
FSC_API size_t fsc_module_output_count(const fsc_module *module);
/* The signature of an input or output, in graph order; NULL if index is out of range. */
FSC_API const fsc_value *fsc_module_input(const fsc_module *module, size_t index);
FSC_API const fsc_value *fsc_module_output(const fsc_module *module, size_t index);
/* The index of the input or output of that name. Errors: NOT_FOUND (the message lists
   the names there are). */
FSC_API FSC_MUST_USE fsc_status fsc_module_find_input(const fsc_module *module, const char *name, size_t *index);
FSC_API FSC_MUST_USE fsc_status fsc_module_find_output(const fsc_module *module, const char *name, size_t *index);

/* The symbolic dimensions; NULL if index is out of range. */
FSC_API size_t fsc_module_symbol_count(const fsc_module *module);
FSC_API const char *fsc_module_symbol(const fsc_module *module, size_t index);
/* The sizes that a symbol may be given: least and most, INT64_MAX where there is no bound.
   Errors: ARGUMENT for an index out of range. */
FSC_API FSC_MUST_USE fsc_status fsc_module_symbol_range(const fsc_module *module, size_t index, int64_t *least,
                                                        int64_t *most);

/* One piece of native code: some nodes of the model, fused. */
typedef struct fsc_kernel {
  const char *name;
  const char *location; /* the ONNX nodes it computes, comma separated */
  const char *anchor;   /* "contraction", "convolution", "pointwise", ... */
  double flops;         /* per run; 0 where unknown */
  double bytes;         /* read and written per run; 0 where unknown */
} fsc_kernel;

FSC_API size_t fsc_module_kernel_count(const fsc_module *module);
/* Errors: ARGUMENT for an index out of range. */
FSC_API FSC_MUST_USE fsc_status fsc_module_kernel(const fsc_module *module, size_t index, fsc_kernel *kernel);

/* ---- Session ----------------------------------------------------------- */

typedef struct fsc_session fsc_session;

typedef struct fsc_session_options {
  /* sizeof(fsc_session_options): the structure may grow. */
  size_t size;
  /* Threads that a run uses, the caller's included. 0: as many as the affinity
     mask and the cgroup's quota give to this process. At most 1024. */
  int32_t threads;
} fsc_session_options;

/* `options` may be NULL: the defaults. The session keeps its module alive.
   Errors: ARGUMENT, OUT_OF_MEMORY, INTERNAL (a thread cannot be started). */
FSC_API FSC_MUST_USE fsc_status fsc_session_create(fsc_module *module, const fsc_session_options *options,
                                                   fsc_session **session);
/* Stops the session's threads and frees its memory. No run may be in progress.
   NULL is allowed. */
FSC_API void fsc_session_destroy(fsc_session *session);
FSC_API int32_t fsc_session_threads(const fsc_session *session);

/* Runs the model once. `inputs` and `outputs` are in graph order and as many as
   the module has.

   Inputs: dtype and dims must fit the signature. A contiguous input is read in
   place; any other is gathered into a copy first. Inputs are not written to.

   Outputs, where data is given: dtype, rank and dims must be those that the run
   computes; the elements are written there, through a copy if the tensor is
   strided or overlaps an input. Two outputs must not overlap. A list cannot be given memory.

   Outputs, where data is NULL: the rest is ignored and filled in, strides with
   NULL; data and dims belong to the session and stay good until its next run or
   its end. After a failure no output is filled in, and what the given buffers
   hold is undefined.

   A run with static shapes and contiguous tensors allocates no memory (the first one
   does for outputs whose data is NULL). One run at a time: a second, concurrent
   call fails. A session cannot be used in a forked child.
   Errors: ARGUMENT, INPUT, OUT_OF_MEMORY, INTERNAL. */
FSC_API FSC_MUST_USE fsc_status fsc_session_run(fsc_session *session, const fsc_tensor *inputs, size_t input_count,
                                                fsc_tensor *outputs, size_t output_count);

/* Memory for output `output`, `bytes` long and aligned to 64 bytes; NULL fails the
   run. */
typedef void *(*fsc_output_allocator)(void *user, size_t output, size_t bytes);
/* Makes the session ask `allocator` for the memory of outputs that are tensors and whose data is NULL, so
   that the caller owns them without a copy. Called during a run, on the thread that
   runs, at most once for each output. NULL restores the session's own memory.
   Errors: ARGUMENT. */
FSC_API FSC_MUST_USE fsc_status fsc_session_set_output_allocator(fsc_session *session, fsc_output_allocator allocator,
                                                                 void *user);

/* ---- Profiling --------------------------------------------------------- */

/* The time that one kernel took since profiling was last turned on. */
typedef struct fsc_kernel_time {
  uint64_t calls;
  uint64_t nanoseconds; /* on the calling thread, from start to the last worker's end */
  uint64_t tasks;       /* pieces it was split into, all calls together */
  int32_t workers;      /* threads that took part in the last call */
} fsc_kernel_time;

/* Turns the collection of times on (clearing what was there) or off. Costs two
   readings of the clock for each kernel. Errors: OUT_OF_MEMORY. */
FSC_API FSC_MUST_USE fsc_status fsc_session_profile(fsc_session *session, int enable);
/* Errors: ARGUMENT for an index out of range or a session that never profiled. */
FSC_API FSC_MUST_USE fsc_status fsc_session_kernel_time(const fsc_session *session, size_t kernel,
                                                        fsc_kernel_time *time);

/* The runtime's version: "0.1.0". */
FSC_API const char *fsc_version(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* FSC_FSC_H */
