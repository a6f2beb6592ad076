/*
 * json.h - JSON in and out, with every field checked.
 *
 * Promises: the one place that includes jansson. Reading refuses doubled keys, invalid UTF-8, NULs
 * and more than JSON_BYTES_MAX bytes. Structs are read and written by tables of fields, so that a
 * codec is data: a field missing in the JSON leaves zero, NULL, an empty list; a field of the wrong
 * type, a number out of range, an unknown word is a "no" that names the field. Unknown keys are
 * ignored (an older program reads a newer record); null counts as missing. Text that is no UTF-8 is
 * written with U+FFFD. Does not: trust what it read beyond type and range; quote content in errors.
 */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/message.h"

enum { JSON_BYTES_MAX = 4 * 1024 * 1024, JSON_LIST_MAX = 100000 };
#define JSON_NUMBER_MAX ((uint64_t)1 << 53) /* what every JSON reader keeps exactly */

SCOPED_DEFINE(json_t *, json_decref)

enum json_type {
    JSON_FIELD_TEXT,   /* const char *; NULL: key left out */
    JSON_FIELD_BOOL,   /* bool */
    JSON_FIELD_I64,    /* int64_t, instant */
    JSON_FIELD_U64,    /* uint64_t, up to 2^53 */
    JSON_FIELD_U32,    /* uint32_t */
    JSON_FIELD_WORD,   /* an enum, by words[value] */
    JSON_FIELD_STRS,   /* struct strs */
    JSON_FIELD_U32S,   /* struct u32s */
    JSON_FIELD_BYTES,  /* struct span, as base64 */
    JSON_FIELD_STRUCT, /* a struct inside, by table */
    JSON_FIELD_LIST,   /* an array of structs, its count and room beside it, by table */
};

/* A list of small numbers (org ids, piece numbers). */
struct u32s {
    uint32_t *at;
    size_t n;
    size_t room;
};

void u32s_add(struct arena *a, struct u32s *list, uint32_t value);
bool u32s_has(const struct u32s *list, uint32_t value);

struct json_field {
    const char *key;
    enum json_type type;
    size_t offset;
    size_t n_offset;          /* LIST: of the size_t count */
    size_t room_offset;       /* LIST: of the size_t room */
    size_t size;              /* LIST: of one element */
    const char *const *words; /* WORD */
    size_t n_words;
    const struct json_field *table; /* STRUCT, LIST; ends with JSON_END */
};

#define JSON_FIELD(type_, struct_, member_, key_)                                       \
    {                                                                                   \
        .key = (key_), .type = JSON_FIELD_##type_, .offset = offsetof(struct_, member_) \
    }
#define JSON_WORD(struct_, member_, key_, words_)                                     \
    {                                                                                 \
        .key = (key_), .type = JSON_FIELD_WORD, .offset = offsetof(struct_, member_), \
        .words = (words_), .n_words = LEN(words_)                                     \
    }
#define JSON_STRUCT(struct_, member_, key_, table_)                                     \
    {                                                                                   \
        .key = (key_), .type = JSON_FIELD_STRUCT, .offset = offsetof(struct_, member_), \
        .table = (table_)                                                               \
    }
/* An array member_ with the counts n_member_ and member__room beside it. */
#define JSON_LIST(struct_, member_, key_, element_, table_)                           \
    {                                                                                 \
        .key = (key_), .type = JSON_FIELD_LIST, .offset = offsetof(struct_, member_), \
        .n_offset = offsetof(struct_, n_##member_),                                   \
        .room_offset = offsetof(struct_, member_##_room), .size = sizeof(element_),   \
        .table = (table_)                                                             \
    }
#define JSON_END    \
    {               \
        .key = NULL \
    }

/* A new object with every field that is not zero, NULL or empty; the caller owns the reference. */
json_t *json_write(const struct json_field *table, const void *object);

/* Fills *object (zeroed by the caller) from json; strings and lists go to a. False: ERR_OPERATOR
 * with the field's name; the caller decides whether that is the other side's fault. */
MUST_USE bool json_read(struct arena *a, const struct json_field *table, const json_t *json,
                        void *object, struct err *err);

/* Text <-> json_t with the limits above. json_text is compact with sorted keys (stable bytes). */
MUST_USE bool json_parse(struct span text, json_t **ret_json, struct err *err);
struct span json_text(struct arena *a, const json_t *json);

/* The same with another limit: listings grow with the desk, and come from the desk itself. */
MUST_USE bool json_parse_up_to(struct span text, size_t max, json_t **ret_json, struct err *err);

/* The text of an object by its table, in the table's order (stable bytes), NUL behind it; what
 * json_write would give, without the tree: heads of large cases are written at every decision. */
struct span json_encode(struct arena *a, const struct json_field *table, const void *object);
/* json_parse and json_read. */
MUST_USE bool json_decode(struct arena *a, const struct json_field *table, struct span text,
                          void *object, struct err *err);

/* Sets a key of an object; NULL: null. */
void json_set_text(json_t *o, const char *key, const char *text);

/* Seeds jansson's hash once, before threads start. */
void json_start(void);

extern const struct json_field message_fields[]; /* struct message */

#endif
