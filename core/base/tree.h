/*
 * tree.h - removes a directory, or whatever else has its name, and all that is in it.
 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include "base/base.h"

enum { TREE_DEPTH_MAX = 100 /* what lies deeper stays, and so does what holds it */ };

/* Symbolic links, path itself too, are removed, not followed. What can't be removed stays. */
void tree_remove(const char *path);

#endif
