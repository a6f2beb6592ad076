/*
 * arguments.h - what the supervisor gives each program on its command line.
 *
 * Promises: each is told of the keys it works with, and of no others; of those that decrypt all but
 * the holder are told the public part only.
 */
#ifndef MILTER_ARGUMENTS_H
#define MILTER_ARGUMENTS_H

#include "milter/children.h"
#include "milter/runtime.h"
#include "wire/protocol.h"

/* A program below libexec-directory. */
char *arguments_path(struct arena *a, const struct options *o, const char *program);

void arguments_worker(struct arena *a, const struct options *o, const struct runtime *r,
                      enum worker_kind kind, const char *scratch, char *ret_argv[CHILD_ARGS_MAX]);

void arguments_holder(struct arena *a, const struct options *o, const struct runtime *r,
                      const char *scratch, char *ret_argv[CHILD_ARGS_MAX]);

#endif
