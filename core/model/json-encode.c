#include "model/json.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"

/* Enums are read and written through this type; the compiler gives all of ours this size. */
static unsigned int word_at(const void *at)
{
    unsigned int value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static void add_integer(struct buf *b, bool negative, uint64_t size)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    if (negative)
        buf_add_char(b, '-');
    buf_add(b, digits + at, sizeof(digits) - at);
}

static void add_signed(struct buf *b, int64_t value)
{
    add_integer(b, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void add_unsigned(struct buf *b, uint64_t value)
{
    assert(value <= JSON_NUMBER_MAX);
    add_integer(b, false, value);
}

/* RFC 8259, 7. */
static void add_escaped(struct buf *b, unsigned char c)
{
    static const char named[] = "\b\f\n\r\t\"\\";
    static const char letters[] = "bfnrt\"\\";
    const char *at = strchr(named, c);

    if (at == NULL)
        buf_printf(b, "\\u%04x", c);
    else
        buf_add(b, (const char[]){'\\', letters[at - named]}, 2);
}

/* How many bytes at the start stand in a string as they are. */
static size_t plain_run(const char *text)
{
    size_t n = 0;

    for (;;) {
        unsigned char c = (unsigned char)text[n];

        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            return n;
        n++;
    }
}

/* Bytes that are no UTF-8 become U+FFFD. */
static void add_string(struct buf *b, const char *text)
{
    buf_add_char(b, '"');
    for (;;) {
        size_t n = plain_run(text);
        uint32_t point;

        buf_add(b, text, n);
        text += n;
        if (*text == '\0')
            break;
        if ((unsigned char)*text < 0x80) {
            add_escaped(b, (unsigned char)*text++);
            continue;
        }
        n = text_utf8_next(span_of(text, strnlen(text, 4)), &point);
        if (n == 0)
            buf_add_str(b, "\xef\xbf\xbd");
        else
            buf_add(b, text, n);
        text += n == 0 ? 1 : n;
    }
    buf_add_char(b, '"');
}

static void add_bytes(struct buf *b, struct span bytes)
{
    buf_add_char(b, '"');
    buf_add_str(b, text_base64(b->a, bytes, 0));
    buf_add_char(b, '"');
}

static void add_strs(struct buf *b, const struct strs *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_add_char(b, i == 0 ? '[' : ',');
        add_string(b, list->at[i]);
    }
    buf_add_char(b, ']');
}

static void add_u32s(struct buf *b, const struct u32s *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_add_char(b, i == 0 ? '[' : ',');
        add_unsigned(b, list->at[i]);
    }
    buf_add_char(b, ']');
}

static size_t list_n(const struct json_field *f, const char *object)
{
    size_t n;

    memcpy(&n, object + f->n_offset, sizeof(n));
    return n;
}

static bool is_empty(const struct json_field *table, const char *object);

/* What says nothing is left out with its key. */
static bool field_empty(const struct json_field *f, const char *object)
{
    const void *at = object + f->offset;

    switch (f->type) {
    case JSON_FIELD_TEXT:
        return *(const char *const *)at == NULL;
    case JSON_FIELD_BOOL:
        return !*(const bool *)at;
    case JSON_FIELD_I64:
        return *(const int64_t *)at == 0;
    case JSON_FIELD_U64:
        return *(const uint64_t *)at == 0;
    case JSON_FIELD_U32:
        return *(const uint32_t *)at == 0;
    case JSON_FIELD_WORD:
        return word_at(at) == 0;
    case JSON_FIELD_STRS:
        return ((const struct strs *)at)->n == 0;
    case JSON_FIELD_U32S:
        return ((const struct u32s *)at)->n == 0;
    case JSON_FIELD_BYTES:
        return ((const struct span *)at)->n == 0;
    case JSON_FIELD_STRUCT:
        return is_empty(f->table, at);
    case JSON_FIELD_LIST:
        return list_n(f, object) == 0;
    }
    abort();
}

static bool is_empty(const struct json_field *table, const char *object)
{
    for (const struct json_field *f = table; f->key != NULL; f++) {
        if (!field_empty(f, object))
            return false;
    }
    return true;
}

static void add_object(struct buf *b, const struct json_field *table, const char *object);

static void add_list(struct buf *b, const struct json_field *f, const char *object)
{
    const char *at;
    size_t n = list_n(f, object);

    memcpy(&at, object + f->offset, sizeof(at));
    for (size_t i = 0; i < n; i++) {
        buf_add_char(b, i == 0 ? '[' : ',');
        add_object(b, f->table, at + i * f->size);
    }
    buf_add_char(b, ']');
}

static void add_value(struct buf *b, const struct json_field *f, const char *object)
{
    const void *at = object + f->offset;

    switch (f->type) {
    case JSON_FIELD_TEXT:
        add_string(b, *(const char *const *)at);
        return;
    case JSON_FIELD_BOOL:
        buf_add_str(b, "true");
        return;
    case JSON_FIELD_I64:
        add_signed(b, *(const int64_t *)at);
        return;
    case JSON_FIELD_U64:
        add_unsigned(b, *(const uint64_t *)at);
        return;
    case JSON_FIELD_U32:
        add_unsigned(b, *(const uint32_t *)at);
        return;
    case JSON_FIELD_WORD:
        assert(word_at(at) < f->n_words);
        add_string(b, f->words[word_at(at)]);
        return;
    case JSON_FIELD_STRS:
        add_strs(b, at);
        return;
    case JSON_FIELD_U32S:
        add_u32s(b, at);
        return;
    case JSON_FIELD_BYTES:
        add_bytes(b, *(const struct span *)at);
        return;
    case JSON_FIELD_STRUCT:
        add_object(b, f->table, at);
        return;
    case JSON_FIELD_LIST:
        add_list(b, f, object);
        return;
    }
    abort();
}

static void add_object(struct buf *b, const struct json_field *table, const char *object)
{
    bool first = true;

    buf_add_char(b, '{');
    for (const struct json_field *f = table; f->key != NULL; f++) {
        if (field_empty(f, object))
            continue;
        if (!first)
            buf_add_char(b, ',');
        first = false;
        buf_add_char(b, '"');
        buf_add_str(b, f->key);
        buf_add(b, "\":", 2);
        add_value(b, f, object);
    }
    buf_add_char(b, '}');
}

struct span json_encode(struct arena *a, const struct json_field *table, const void *object)
{
    struct buf b = buf_new(a, SIZE_MAX / 8);

    add_object(&b, table, object);
    return buf_span(&b);
}

json_t *json_write(const struct json_field *table, const void *object)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text = json_encode(a, table, object);
    json_t *json = json_loadb((const char *)text.at, text.n, 0, NULL);

    if (json == NULL)
        abort();
    return json;
}
