#include "model/json.h"

#include <malloc.h>

#include "base/text.h"

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
    if (!read_u64(f, json, f->type == JSON_FIELD_U32 ? UINT32_MAX : JSON_NUMBER_MAX, &value, err))
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
    return json_parse_up_to(text, JSON_BYTES_MAX, ret_json, err);
}

bool json_parse_up_to(struct span text, size_t max, json_t **ret_json, struct err *err)
{
    json_error_t why;
    json_t *json;

    if (text.n > max)
        return err_set(err, ERR_OPERATOR, "JSON of %zu bytes is over the limit of %zu", text.n,
                       max);
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

void json_set_text(json_t *o, const char *key, const char *text)
{
    json_object_set_new(o, key, text == NULL ? json_null() : json_string(text));
}

void json_start(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
    json_object_seed(0);
}
