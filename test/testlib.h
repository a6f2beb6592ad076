/*
 * testlib.h - cmocka, and what our tests add to it.
 *
 * Promises: everything a test/unit/test-x.c needs with one include. A row of a table names itself
 * when it fails.
 */
#ifndef TEST_TESTLIB_H
#define TEST_TESTLIB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

/* Fails and says in which row of a table. */
#define assert_row(row, condition)                         \
    do {                                                   \
        if (!(condition))                                  \
            fail_msg("row \"%s\": %s", (row), #condition); \
    } while (0)

/* The path of a file of the source tree; tests also run from a build beside it. */
#define SOURCE_PATH(relative) EMBARGOD_TEST_SOURCE "/" relative

#endif
