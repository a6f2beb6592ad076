#include "template/value.h"

#include <assert.h>

static struct tvalue *value_new(struct arena *a, enum tvalue_kind kind)
{
    struct tvalue *v = ARENA_NEW(a, struct tvalue);

    v->kind = kind;
    return v;
}

struct tvalue *tvalue_string(struct arena *a, const char *text)
{
    struct tvalue *v = value_new(a, TVALUE_STRING);

    v->string = arena_strdup(a, text == NULL ? "" : text);
    return v;
}

struct tvalue *tvalue_bool(struct arena *a, bool yes)
{
    struct tvalue *v = value_new(a, TVALUE_BOOL);

    v->yes = yes;
    return v;
}

struct tvalue *tvalue_list(struct arena *a)
{
    return value_new(a, TVALUE_LIST);
}

struct tvalue *tvalue_object(struct arena *a)
{
    return value_new(a, TVALUE_OBJECT);
}

void tvalue_push(struct arena *a, struct tvalue *list, const struct tvalue *item)
{
    assert(list->kind == TVALUE_LIST && item != NULL);
    ARENA_GROW(a, list->at, list->n, list->room);
    list->at[list->n++] = item;
}

void tvalue_set(struct arena *a, struct tvalue *object, const char *key, const struct tvalue *v)
{
    assert(object->kind == TVALUE_OBJECT && v != NULL);
    for (size_t i = 0; i < object->n; i++) {
        if (strcmp(object->keys[i], key) == 0) {
            object->at[i] = v;
            return;
        }
    }
    ARENA_GROW(a, object->at, object->n, object->room);
    ARENA_GROW(a, object->keys, object->n, object->keys_room);
    object->keys[object->n] = arena_strdup(a, key);
    object->at[object->n++] = v;
}

void tvalue_set_string(struct arena *a, struct tvalue *object, const char *key, const char *text)
{
    tvalue_set(a, object, key, tvalue_string(a, text));
}

void tvalue_set_bool(struct arena *a, struct tvalue *object, const char *key, bool yes)
{
    tvalue_set(a, object, key, tvalue_bool(a, yes));
}

const struct tvalue *tvalue_get(const struct tvalue *object, struct span key)
{
    if (object == NULL || object->kind != TVALUE_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->n; i++) {
        if (span_eq_str(key, object->keys[i]))
            return object->at[i];
    }
    return NULL;
}

bool tvalue_is_empty(const struct tvalue *v)
{
    if (v == NULL)
        return true;
    switch (v->kind) {
    case TVALUE_STRING:
        return v->string[0] == '\0';
    case TVALUE_BOOL:
        return !v->yes;
    case TVALUE_LIST:
        return v->n == 0;
    case TVALUE_OBJECT:
        return false;
    }
    return true;
}
