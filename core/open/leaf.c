#include "mime/charset.h"
#include "mime/decode.h"
#include "mime/fields.h"
#include "mime/html.h"
#include "open/opener.h"

#define KEY_BLOCK "-----BEGIN PGP PUBLIC KEY BLOCK-----"

struct span leaf_bytes(struct opener *o, const struct split_part *part)
{
    const char *encoding =
        fields_token(o->a, header_value(&part->fields, "Content-Transfer-Encoding"));

    return decode_transfer(o->a, part->body, encoding, &o->m->defects);
}

struct extent opened_add(struct opener *o, struct span bytes)
{
    struct extent at = {.offset = o->opened.n, .n = bytes.n};

    buf_add_span(&o->opened, bytes);
    if (!o->opened.full)
        return at;
    defect_add(o->a, &o->m->defects, "opened-too-large");
    return (struct extent){.offset = 0, .n = 0};
}

static const char *leaf_filename(struct opener *o, const struct split_part *part)
{
    struct parameters disposition =
        parameters_read(o->a, header_value(&part->fields, "Content-Disposition"), &o->m->defects);
    const char *name = parameters_value(&disposition, "filename");

    if (name == NULL)
        name = parameters_value(&part->type, "name");
    return name == NULL ? NULL : fields_text(o->a, span_str(name), &o->m->defects);
}

static bool is_attached(struct opener *o, const struct split_part *part)
{
    struct parameters disposition =
        parameters_read(o->a, header_value(&part->fields, "Content-Disposition"), &o->m->defects);

    return strcmp(disposition.type, "attachment") == 0;
}

/* CRLF and lone CR to LF, no blank lines at the end. */
static const char *with_lf(struct arena *a, struct span text)
{
    struct buf b = buf_new(a, OPEN_TEXT_MAX);

    for (size_t i = 0; i < text.n && !b.full; i++) {
        if (text.at[i] == '\r' && i + 1 < text.n && text.at[i + 1] == '\n')
            continue;
        buf_add_char(&b, text.at[i] == '\r' ? '\n' : text.at[i] == '\0' ? ' ' : (char)text.at[i]);
    }
    return b.at;
}

static const char *leaf_text(struct opener *o, const struct split_part *part, struct span bytes,
                             bool html)
{
    const char *charset = parameters_value(&part->type, "charset");
    struct span text;

    if (bytes.n > OPEN_TEXT_MAX) {
        defect_add(o->a, &o->m->defects, "text-cut");
        bytes = span_first(bytes, OPEN_TEXT_MAX);
    }
    if (charset == NULL && html)
        charset = html_charset(o->a, bytes);
    text = charset_to_utf8(o->a, bytes, charset, &o->m->defects);
    if (html)
        text = html_to_text(o->a, text, OPEN_TEXT_MAX, &o->m->defects);
    return with_lf(o->a, text);
}

static void add_to_text(struct opener *o, const char *text)
{
    struct span rest = span_trim(span_str(text));

    if (rest.n == 0)
        return;
    if (o->text.n > 0)
        buf_add_str(&o->text, "\n\n");
    buf_add_span(&o->text, rest);
    if (o->text.full)
        defect_add(o->a, &o->m->defects, "text-cut");
}

void leaf_add(struct opener *o, const struct split *s, const struct split_part *part,
              struct place_in place)
{
    struct message *m = o->m;
    struct span bytes = leaf_bytes(o, part);
    bool html = strcmp(part->type.type, "text/html") == 0;
    bool text = (html || strcmp(part->type.type, "text/plain") == 0) && !is_attached(o, part) &&
                !place.silent;
    struct part *leaf;

    if (m->n_parts >= OPEN_PARTS_MAX) {
        defect_add(o->a, &m->defects, "too-many-parts");
        return;
    }
    ARENA_GROW(o->a, m->parts, m->n_parts, m->parts_room);
    ARENA_GROW(o->a, o->part_encryptions, m->n_parts, o->part_encryptions_room);
    o->part_encryptions[m->n_parts] = place.encryptions;
    leaf = &m->parts[m->n_parts++];
    *leaf = (struct part){.path = split_path(o->a, s, part, place.base),
                          .type = part->type.type,
                          .charset = parameters_value(&part->type, "charset"),
                          .filename = leaf_filename(o, part),
                          .role = text ? PART_TEXT : PART_ATTACHMENT,
                          .size = bytes.n,
                          .content = opened_add(o, bytes)};
    if (place.silent && (html || strncmp(part->type.type, "text/", 5) == 0) &&
        leaf->filename == NULL)
        leaf->role = PART_TEXT; /* the other form of the same text is no attachment */
    if (text) {
        leaf->text = leaf_text(o, part, bytes, html);
        add_to_text(o, leaf->text);
    }
}

static bool offers_key(const struct part *part, struct span bytes)
{
    return strcmp(part->type, "application/pgp-keys") == 0 ||
           (part->role == PART_ATTACHMENT && span_starts(span_trim(bytes), KEY_BLOCK));
}

static bool add_key(struct opener *o, struct span bytes, struct err *err)
{
    struct crypto_key_facts facts = {.protocol = PROTOCOL_NONE};
    struct message *m = o->m;

    if (!crypto_inspect(o->crypto, o->a, bytes, o->request->now, &facts, err))
        return false;
    if (facts.protocol == PROTOCOL_NONE) {
        defect_add(o->a, &m->defects, "key-unreadable");
        return true;
    }
    ARENA_GROW(o->a, m->keys, m->n_keys, m->keys_room);
    m->keys[m->n_keys++] = (struct offered_key){.fingerprint = facts.fingerprint,
                                                .protocol = facts.protocol,
                                                .bytes = opened_add(o, facts.bytes)};
    return true;
}

bool leaf_keys(struct opener *o, struct err *err)
{
    struct message *m = o->m;

    if (!m->encrypted || !m->single_chain)
        return true;
    for (size_t i = 0; i < m->n_parts && m->n_keys < OPEN_KEYS_MAX; i++) {
        struct extent at = m->parts[i].content;
        struct span bytes = span_first(span_from(buf_span(&o->opened), at.offset), at.n);

        if (o->part_encryptions[i] == o->encryptions && offers_key(&m->parts[i], bytes) &&
            !add_key(o, span_of(arena_strndup(o->a, bytes.at, bytes.n), bytes.n), err))
            return false;
    }
    return true;
}
