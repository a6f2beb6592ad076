#include "base/text.h"
#include "base/visible.h"
#include "mime/charset-guess.h"
#include "mime/charset.h"
#include "mime/decode.h"
#include "mime/fields.h"
#include "mime/flowed.h"
#include "mime/html.h"
#include "open/opener.h"

struct extent opened_add(struct opener *o, struct span bytes)
{
    struct extent at = {.offset = o->opened.n, .n = bytes.n};

    if (bytes.n > o->limits.decoded - o->opened.n) {
        defect_add(o->a, o->defects, "decoded-too-large");
        return (struct extent){0, 0};
    }
    buf_add_span(&o->opened, bytes);
    return at;
}

/* RFC 2045 6.1: one word. Readers differ in what they make of a word with more behind it. */
static bool is_one_word(struct span encoding)
{
    encoding = span_trim(encoding);
    return span_find(encoding, ';') == encoding.n && span_find(encoding, ' ') == encoding.n &&
           span_find(encoding, '\t') == encoding.n;
}

struct span leaf_bytes(struct opener *o, const struct split_part *part)
{
    struct span encoding = header_value(&part->fields, "Content-Transfer-Encoding");

    if (!is_one_word(encoding))
        defect_add(o->a, o->defects, "encoding-broken");
    return decode_transfer(o->a, part->body, fields_token(o->a, encoding), o->defects);
}

void leaf_note_tricks(struct opener *o, struct span text)
{
    if (visible_has(text, VISIBLE_BIDI))
        defect_add(o->a, o->defects, "bidi-control");
    if (visible_has(text, VISIBLE_ZERO_WIDTH))
        defect_add(o->a, o->defects, "zero-width");
}

/* A name is one line; what it would do as a path is up to who uses it. */
static const char *name_clean(struct opener *o, const char *name)
{
    char *clean = arena_strdup(o->a, name);

    for (char *c = clean; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '_';
    }
    leaf_note_tricks(o, span_str(clean));
    return clean == NULL || clean[0] == '\0' ? NULL : clean;
}

static struct parameters disposition_of(struct opener *o, const struct split_part *part)
{
    return parameters_read(o->a, header_value(&part->fields, "Content-Disposition"), o->defects);
}

const char *leaf_filename(struct opener *o, const struct split_part *part)
{
    struct parameters disposition = disposition_of(o, part);
    const char *name = parameters_value(&disposition, "filename");

    return name_clean(o, name != NULL ? name : parameters_value(&part->type, "name"));
}

/* A multipart that could not be divided is text, as clients show it. */
static bool is_text_type(const char *type)
{
    static const char *const not_shown[] = {"text/rfc822-headers", "text/calendar", "text/vcard",
                                            "text/x-vcard"};

    for (size_t i = 0; i < LEN(not_shown); i++) {
        if (strcmp(type, not_shown[i]) == 0)
            return false;
    }
    return strncmp(type, "text/", 5) == 0 || strncmp(type, "multipart/", 10) == 0;
}

bool leaf_is_text(struct opener *o, const struct split_part *part)
{
    const char *disposition = disposition_of(o, part).type;

    if (part->n_children > 0 || !is_text_type(part->type.type) ||
        strcmp(disposition, "attachment") == 0)
        return false;
    if (strcmp(disposition, "inline") == 0 || leaf_filename(o, part) == NULL)
        return true;
    /* A name alone makes no attachment of the text that a mail begins with. */
    return disposition[0] == '\0' && (part->parent == SPLIT_NO_PARENT || part->child == 1);
}

/* LF for every line end, in place. */
static struct span line_feeds(struct opener *o, struct span text)
{
    char *copy = span_dup(o->a, text);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] == '\r' && (i + 1 == text.n || text.at[i + 1] == '\n'))
            continue;
        copy[n++] = text.at[i] == '\r' ? '\n' : (char)text.at[i];
    }
    copy[n] = '\0';
    return span_of(copy, n);
}

/* RFC 9788 5.2.2: the header's copy at the top of the text, up to the first empty line. */
static struct span without_legacy_display(struct opener *o, const struct split_part *part,
                                          struct span text)
{
    const char *legacy = parameters_value(&part->type, "hp-legacy-display");
    struct span rest = text;
    struct span line;

    if (legacy == NULL || strcmp(legacy, "1") != 0)
        return text;
    while (span_line(&rest, &line)) {
        if (span_trim(line).n == 0) {
            defect_add(o->a, &o->m.repairs, "legacy-display");
            return rest;
        }
    }
    return text;
}

/* The longest start of text that costs at most max in JSON: controls take six bytes. */
static struct span within_cost(struct span text, size_t max, size_t *ret_cost)
{
    size_t cost = 0;
    size_t n = 0;

    while (n < text.n) {
        uint32_t point;
        size_t bytes = text_utf8_next(span_from(text, n), &point);
        size_t c = point == '\n' || point == '"' || point == '\\' ? 2 : point < ' ' ? 6 : bytes;

        if (bytes == 0 || cost + c > max)
            break;
        cost += c;
        n += bytes;
    }
    *ret_cost = cost;
    return span_first(text, n);
}

static void add_text(struct buf *to, struct span text)
{
    if (to->n > 0)
        buf_add_str(to, "\n\n");
    buf_add_span(to, text);
}

static void add_to_mail_text(struct opener *o, struct span text, bool beside)
{
    while (text.n > 0 && text.at[text.n - 1] == '\n')
        text.n--;
    while (text.n > 0 && text.at[0] == '\n')
        text = span_from(text, 1);
    if (text.n == 0)
        return;
    add_text(&o->text, text);
    if (!beside)
        add_text(&o->text_inside, text);
}

/* Text that goes into the model: cut to what is left of the mail's allowance. */
static const char *note_text(struct opener *o, struct span text, const struct place_in *place)
{
    size_t cost = 0;
    struct span cut = within_cost(text, OPEN_TEXT_MAX - o->text_cost, &cost);

    if (cut.n < text.n)
        defect_add(o->a, o->defects, "text-cut");
    o->text_cost += cost;
    leaf_note_tricks(o, cut);
    if (place->shown)
        add_to_mail_text(o, cut, place->beside);
    return place->shown ? span_dup(o->a, cut) : NULL;
}

static bool parameter_is(const struct split_part *part, const char *name, const char *value)
{
    return span_eq_nocase(span_str(parameters_value(&part->type, name)), value);
}

static struct span to_text(struct opener *o, const struct split_part *part, struct span bytes)
{
    const char *charset = parameters_value(&part->type, "charset");
    bool html = split_is_type(part, "text/html");
    struct span text;

    if (html && charset == NULL)
        charset = html_charset(o->a, bytes);
    text = charset_to_utf8(o->a, bytes, charset, o->defects);
    if (html)
        return html_to_text(o->a, text, OPEN_TEXT_MAX, o->defects);
    text = without_legacy_display(o, part, line_feeds(o, text));
    if (parameter_is(part, "format", "flowed"))
        text = flowed_text(o->a, text, parameter_is(part, "delsp", "yes"));
    return text;
}

/* The word, or instead where the mail's words are too many for one answer. */
static const char *word(struct opener *o, const char *text, const char *instead)
{
    size_t n = text == NULL ? 0 : strlen(text);

    if (n > OPEN_WORDS_MAX - o->words_cost) {
        defect_add(o->a, o->defects, "names-cut");
        return instead;
    }
    o->words_cost += n;
    return text;
}

static void add_part(struct opener *o, struct part part, const struct place_in *place)
{
    ARENA_GROW(o->a, o->part_encryptions, o->m.n_parts, o->part_encryptions_room);
    /* A footer stands inside of nothing: no key in it is an offer. */
    o->part_encryptions[o->m.n_parts] = place->beside ? SIZE_MAX : place->encryptions;
    part.sealed = place->sealed;
    ARENA_GROW(o->a, o->m.parts, o->m.n_parts, o->m.parts_room);
    o->m.parts[o->m.n_parts++] = part;
}

/* Text is cut in any case: what can't be shown is not converted first. */
static struct span first_bytes(struct opener *o, struct span bytes)
{
    if (bytes.n > OPEN_TEXT_BYTES_MAX)
        defect_add(o->a, o->defects, "text-cut");
    return span_first(bytes, OPEN_TEXT_BYTES_MAX);
}

void leaf_add(struct opener *o, const struct split *s, const struct split_part *split_part,
              const struct place_in *place)
{
    struct span bytes = leaf_bytes(o, split_part);
    struct part part = {.path = split_path(o->a, s, split_part, place->base),
                        .type = word(o, split_part->type.type, "application/octet-stream"),
                        .charset = word(o, parameters_value(&split_part->type, "charset"), NULL),
                        .filename = word(o, leaf_filename(o, split_part), NULL),
                        .role = PART_ATTACHMENT,
                        .size = bytes.n,
                        .content = opened_add(o, bytes)};

    if (leaf_is_text(o, split_part)) {
        part.role = PART_TEXT;
        part.text = note_text(
            o, place->shown ? to_text(o, split_part, first_bytes(o, bytes)) : span_of("", 0),
            place);
    }
    add_part(o, part, place);
}

void leaf_add_plain(struct opener *o, struct span bytes, const char *charset, const char *path,
                    const struct place_in *place)
{
    struct span text;
    struct part part = {
        .path = path, .type = "text/plain", .role = PART_TEXT, .charset = word(o, charset, NULL)};

    if (charset == NULL)
        charset = text_is_utf8(bytes) ? "utf-8" : charset_guess(bytes);
    text = charset_to_utf8(o->a, bytes, charset, o->defects);
    part.size = bytes.n;
    part.content = opened_add(o, bytes);
    part.text = note_text(o, line_feeds(o, text), place);
    add_part(o, part, place);
}

void leaf_add_file(struct opener *o, struct span bytes, const char *type, const char *filename,
                   const char *path, const struct place_in *place)
{
    struct part part = {.path = path,
                        .type = type,
                        .filename = word(o, filename, NULL),
                        .role = PART_ATTACHMENT,
                        .size = bytes.n,
                        .content = opened_add(o, bytes)};

    add_part(o, part, place);
}
