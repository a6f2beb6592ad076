#include "model/json.h"

#include <assert.h>
#include <malloc.h>

#include "base/text.h"

#define U64_MAX ((uint64_t)1 << 53) /* what every JSON reader keeps exactly */

void u32s_add(struct arena *a, struct u32s *list, uint32_t value)
{
    ARENA_GROW(a, list->at, list->n, list->room);
    list->at[list->n++] = value;
}

bool u32s_has(const struct u32s *list, uint32_t value)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->at[i] == value)
            return true;
    }
    return false;
}

/* --- writing --------------------------------------------------------------------------------- */

static json_t *must_have(json_t *json)
{
    if (json == NULL)
        abort();
    return json;
}

/* Bytes that are no UTF-8 become U+FFFD: jansson would refuse the whole string. */
static json_t *lossy_string(const char *text)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span rest = span_str(text);
    struct buf clean = buf_new(a, 3 * rest.n);

    while (rest.n > 0) {
        uint32_t point;
        size_t n = text_utf8_next(rest, &point);

        if (n == 0)
            buf_add_str(&clean, "\xef\xbf\xbd");
        else
            buf_add_span(&clean, span_first(rest, n));
        rest = span_from(rest, n == 0 ? 1 : n);
    }
    return json_stringn(clean.at, clean.n);
}

static json_t *string_json(const char *text)
{
    json_t *json = json_string(text);

    return must_have(json != NULL ? json : lossy_string(text));
}

static json_t *strs_json(const struct strs *list)
{
    json_t *array = must_have(json_array());

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, string_json(list->at[i]));
    return array;
}

static json_t *u32s_json(const struct u32s *list)
{
    json_t *array = must_have(json_array());

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, must_have(json_integer(list->at[i])));
    return array;
}

static json_t *bytes_json(struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    return must_have(json_string(text_base64(a, bytes, 0)));
}

/* Enums are read and written through this type; the compiler gives all of ours this size. */
static unsigned int word_at(const void *at)
{
    unsigned int value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static json_t *list_json(const struct json_field *f, const char *object)
{
    const char *at;
    size_t n;
    json_t *array;

    memcpy(&at, object + f->offset, sizeof(at));
    memcpy(&n, object + f->n_offset, sizeof(n));
    if (n == 0)
        return NULL;
    array = must_have(json_array());
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_write(f->table, at + i * f->size));
    return array;
}

static json_t *struct_json(const struct json_field *f, const void *at)
{
    json_t *object = json_write(f->table, at);

    if (json_object_size(object) > 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *u64_json(uint64_t value)
{
    assert(value <= U64_MAX);
    return value == 0 ? NULL : must_have(json_integer((json_int_t)value));
}

static json_t *word_json(const struct json_field *f, const void *at)
{
    unsigned int value = word_at(at);

    assert(value < f->n_words);
    return value == 0 ? NULL : string_json(f->words[value]);
}

/* NULL: nothing to say, the key is left out. */
static json_t *field_json(const struct json_field *f, const char *object)
{
    const void *at = object + f->offset;
    const struct strs *strs = at;
    const struct u32s *u32s = at;
    const struct span *bytes = at;

    switch (f->type) {
    case JSON_FIELD_TEXT:
        return *(const char *const *)at == NULL ? NULL : string_json(*(const char *const *)at);
    case JSON_FIELD_BOOL:
        return *(const bool *)at ? json_true() : NULL;
    case JSON_FIELD_I64:
        return *(const int64_t *)at == 0 ? NULL : must_have(json_integer(*(const int64_t *)at));
    case JSON_FIELD_U64:
        return u64_json(*(const uint64_t *)at);
    case JSON_FIELD_U32:
        return u64_json(*(const uint32_t *)at);
    case JSON_FIELD_WORD:
        return word_json(f, at);
    case JSON_FIELD_STRS:
        return strs->n == 0 ? NULL : strs_json(strs);
    case JSON_FIELD_U32S:
        return u32s->n == 0 ? NULL : u32s_json(u32s);
    case JSON_FIELD_BYTES:
        return bytes->n == 0 ? NULL : bytes_json(*bytes);
    case JSON_FIELD_STRUCT:
        return struct_json(f, at);
    case JSON_FIELD_LIST:
        return list_json(f, object);
    }
    abort();
}

json_t *json_write(const struct json_field *table, const void *object)
{
    json_t *json = must_have(json_object());

    for (const struct json_field *f = table; f->key != NULL; f++) {
        json_t *value = field_json(f, object);

        if (value != NULL)
            json_object_set_new(json, f->key, value);
    }
    return json;
}

/* --- reading --------------------------------------------------------------------------------- */

static bool wrong(const struct json_field *f, const char *want, struct err *err)
{
    return err_set(err, ERR_OPERATOR, "field \"%s\": not %s", f->key, want);
}

static bool read_text(struct arena *a, const struct json_field *f, const json_t *json, void *at,
                      struct err *err)
{
    const char *text = arena_strdup(a, json_string_value(json));

    if (text == NULL)
        return wrong(f, "a string", err);
    memcpy(at, &text, sizeof(text));
    return true;
}

static bool read_u64(const struct json_field *f, const json_t *json, uint64_t max,
                     uint64_t *ret_value, struct err *err)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0 ||
        (uint64_t)json_integer_value(json) > max)
        return wrong(f, "a number in range", err);
    *ret_value = (uint64_t)json_integer_value(json);
    return true;
}

static bool read_number(const struct json_field *f, const json_t *json, void *at, struct err *err)
{
    uint64_t value;
    uint32_t narrow;
    int64_t wide;

    if (f->type == JSON_FIELD_I64) {
        if (!json_is_integer(json))
            return wrong(f, "a number", err);
        wide = json_integer_value(json);
        memcpy(at, &wide, sizeof(wide));
        return true;
    }
    if (!read_u64(f, json, f->type == JSON_FIELD_U32 ? UINT32_MAX : U64_MAX, &value, err))
        return false;
    narrow = (uint32_t)value;
    if (f->type == JSON_FIELD_U32)
        memcpy(at, &narrow, sizeof(narrow));
    else
        memcpy(at, &value, sizeof(value));
    return true;
}

static bool read_word(const struct json_field *f, const json_t *json, void *at, struct err *err)
{
    if (!json_is_string(json))
        return wrong(f, "a word", err);
    for (unsigned int i = 0; i < f->n_words; i++) {
        if (strcmp(f->words[i], json_string_value(json)) == 0) {
            memcpy(at, &i, sizeof(i));
            return true;
        }
    }
    return wrong(f, "a known word", err);
}

static bool read_array(const struct json_field *f, const json_t *json, struct err *err)
{
    if (!json_is_array(json))
        return wrong(f, "a list", err);
    if (json_array_size(json) > JSON_LIST_MAX)
        return wrong(f, "a list of reasonable length", err);
    return true;
}

static bool read_strs(struct arena *a, const struct json_field *f, const json_t *json,
                      struct strs *list, struct err *err)
{
    if (!read_array(f, json, err))
        return false;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *text;

        if (!read_text(a, f, json_array_get(json, i), &text, err))
            return false;
        strs_add(a, list, text);
    }
    return true;
}

static bool read_u32s(struct arena *a, const struct json_field *f, const json_t *json,
                      struct u32s *list, struct err *err)
{
    if (!read_array(f, json, err))
        return false;
    for (size_t i = 0; i < json_array_size(json); i++) {
        uint64_t value;

        if (!read_u64(f, json_array_get(json, i), UINT32_MAX, &value, err))
            return false;
        u32s_add(a, list, (uint32_t)value);
    }
    return true;
}

static bool read_bytes(struct arena *a, const struct json_field *f, const json_t *json,
                       struct span *bytes, struct err *err)
{
    struct span text = span_of(json_string_value(json), json_string_length(json));

    if (!json_is_string(json) || !text_from_base64(a, text, bytes))
        return wrong(f, "base64", err);
    return true;
}

static bool read_struct(struct arena *a, const struct json_field *f, const json_t *json, void *at,
                        struct err *err)
{
    return json_read(a, f->table, json, at, err) || err_wrap(err, "in \"%s\"", f->key);
}

static bool read_list(struct arena *a, const struct json_field *f, const json_t *json, char *object,
                      struct err *err)
{
    size_t n = json_array_size(json);
    char *at;

    if (!read_array(f, json, err))
        return false;
    if (n == 0)
        return true;
    at = arena_array(a, n, f->size);
    for (size_t i = 0; i < n; i++) {
        if (!read_struct(a, f, json_array_get(json, i), at + i * f->size, err))
            return false;
    }
    memcpy(object + f->offset, &at, sizeof(at));
    memcpy(object + f->n_offset, &n, sizeof(n));
    memcpy(object + f->room_offset, &n, sizeof(n));
    return true;
}

static bool read_field(struct arena *a, const struct json_field *f, const json_t *json,
                       char *object, struct err *err)
{
    void *at = object + f->offset;
    bool yes = json_is_true(json);

    switch (f->type) {
    case JSON_FIELD_TEXT:
        return read_text(a, f, json, at, err);
    case JSON_FIELD_BOOL:
        if (!json_is_boolean(json))
            return wrong(f, "true or false", err);
        memcpy(at, &yes, sizeof(yes));
        return true;
    case JSON_FIELD_I64:
    case JSON_FIELD_U64:
    case JSON_FIELD_U32:
        return read_number(f, json, at, err);
    case JSON_FIELD_WORD:
        return read_word(f, json, at, err);
    case JSON_FIELD_STRS:
        return read_strs(a, f, json, at, err);
    case JSON_FIELD_U32S:
        return read_u32s(a, f, json, at, err);
    case JSON_FIELD_BYTES:
        return read_bytes(a, f, json, at, err);
    case JSON_FIELD_STRUCT:
        return read_struct(a, f, json, at, err);
    case JSON_FIELD_LIST:
        return read_list(a, f, json, object, err);
    }
    abort();
}

bool json_read(struct arena *a, const struct json_field *table, const json_t *json, void *object,
               struct err *err)
{
    if (!json_is_object(json))
        return err_set(err, ERR_OPERATOR, "not a JSON object");
    for (const struct json_field *f = table; f->key != NULL; f++) {
        const json_t *value = json_object_get(json, f->key);

        if (value == NULL || json_is_null(value))
            continue;
        if (!read_field(a, f, value, object, err))
            return false;
    }
    return true;
}

/* --- text ------------------------------------------------------------------------------------ */

bool json_parse(struct span text, json_t **ret_json, struct err *err)
{
    json_error_t why;
    json_t *json;

    if (text.n > JSON_BYTES_MAX)
        return err_set(err, ERR_OPERATOR, "JSON of %zu bytes is over the limit of %d", text.n,
                       JSON_BYTES_MAX);
    json = json_loadb((const char *)text.at, text.n, JSON_REJECT_DUPLICATES, &why);
    if (json == NULL)
        return err_set(err, ERR_OPERATOR, "bad JSON at byte %d", why.position); /* text quotes it */
    *ret_json = json;
    return true;
}

static int add_to_buf(const char *bytes, size_t n, void *ctx)
{
    buf_add(ctx, bytes, n);
    return 0;
}

struct span json_text(struct arena *a, const json_t *json)
{
    struct buf text = buf_new(a, SIZE_MAX / 8);

    if (json_dump_callback(json, add_to_buf, &text,
                           JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) != 0)
        abort();
    return buf_span(&text);
}

struct span json_encode(struct arena *a, const struct json_field *table, const void *object)
{
    SCOPED(json_decref) json_t *json = json_write(table, object);

    return json_text(a, json);
}

bool json_decode(struct arena *a, const struct json_field *table, struct span text, void *object,
                 struct err *err)
{
    SCOPED(json_decref) json_t *json = NULL;

    return json_parse(text, &json, err) && json_read(a, table, json, object, err);
}

/* What passes through jansson is mail: its memory is wiped as ours is. */
static void wipe_and_free(void *at)
{
    if (at != NULL)
        wipe(at, malloc_usable_size(at));
    free(at);
}

void json_start(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
    json_object_seed(0);
}
