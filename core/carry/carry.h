/*
 * carry.h - what a file carries that its sender may not know of: text, names, owners, places.
 *
 * Promises: what a file is, is told by its bytes, never by its declared type or name. Broken or
 * hostile files give less, never an error. Past a limit the rest is left, and unread says so; what
 * nobody here knows is searched for plain words, and unread says that. Archives are opened within
 * each other, documents too. No network, no entity from elsewhere; PDF is read by poppler's own
 * programs, as children. Does not: judge (the guard does), change a byte, or stand up to a library
 * that crashes: run it where that may happen (open/carried.c: a process of its own).
 */
#ifndef CARRY_CARRY_H
#define CARRY_CARRY_H

#include "base/buf.h"
#include "model/message.h"

enum {
    CARRY_TEXT_MAX = 1024 * 1024,             /* bytes of text in all */
    CARRY_FACTS_MAX = 16,                     /* of one file */
    CARRY_FACT_BYTES_MAX = 160,               /* "author: ..." */
    CARRY_DEPTH_MAX = 4,                      /* archives within each other */
    CARRY_ENTRIES_MAX = 2000,                 /* of all archives of a file together */
    CARRY_ENTRY_BYTES_MAX = 16 * 1024 * 1024, /* of one entry that are looked at */
    CARRY_UNPACKED_MAX = 64 * 1024 * 1024,    /* bytes unpacked in all */
    CARRY_RATIO_MAX = 200,                    /* unpacked to packed, past the first MiB */
    CARRY_CPU_SECONDS = 4,                    /* who runs it in a child gives it that */
};

struct carried {
    struct buf text;    /* UTF-8: what is written in it, names of entries, comments; a line each */
    struct strs facts;  /* "author: Rhea Sandoval"; one line each, most telling first */
    const char *unread; /* why all of it or some could not be looked into; NULL: all was */
};

/* programs: poppler's may be run. Everything lives in a. */
struct carried carry_read(struct arena *a, struct span bytes, bool programs);

#endif
