/*
 * value.h - what a template is filled with: text, yes or no, lists and objects.
 *
 * Promises: plain data in an arena; text is copied; order of lists is kept; setting a key again
 * replaces it. Does not: know which names exist (variables.h) or who may see them (catalogue.h).
 */
#ifndef TEMPLATE_VALUE_H
#define TEMPLATE_VALUE_H

#include "base/span.h"

enum tvalue_kind { TVALUE_STRING, TVALUE_BOOL, TVALUE_LIST, TVALUE_OBJECT };

struct tvalue {
    enum tvalue_kind kind;
    const char *string;       /* TVALUE_STRING: UTF-8 */
    bool yes;                 /* TVALUE_BOOL */
    const char **keys;        /* TVALUE_OBJECT: the names of at[] */
    const struct tvalue **at; /* TVALUE_LIST: items; TVALUE_OBJECT: fields */
    size_t n;
    size_t room;
    size_t keys_room;
};

struct tvalue *tvalue_string(struct arena *a, const char *text); /* NULL: "" */
struct tvalue *tvalue_bool(struct arena *a, bool yes);
struct tvalue *tvalue_list(struct arena *a);
struct tvalue *tvalue_object(struct arena *a);

void tvalue_push(struct arena *a, struct tvalue *list, const struct tvalue *item);
void tvalue_set(struct arena *a, struct tvalue *object, const char *key, const struct tvalue *v);
void tvalue_set_string(struct arena *a, struct tvalue *object, const char *key, const char *text);
void tvalue_set_bool(struct arena *a, struct tvalue *object, const char *key, bool yes);

/* The field of an object, or NULL: not an object, or no such key. */
const struct tvalue *tvalue_get(const struct tvalue *object, struct span key);

/* What a section takes for "no": false, an empty list, an empty text. NULL is "no" too. */
bool tvalue_is_empty(const struct tvalue *v);

#endif
