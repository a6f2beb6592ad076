#include "mime/strict.h"

#include "base/buf.h"
#include "base/text.h"
#include "mime/flowed.h"
#include "mime/strict-body.h"

struct shown_level {
    struct strict_cutter c;
    bool alternative;
    bool taken; /* of an alternative: the child that is shown was there */
    bool html;  /* or one that is not read here */
    bool closed;
    size_t n; /* children so far */
};

struct shown {
    struct arena *a;
    struct buf text;
    struct shown_level levels[STRICT_SHOWN_LEVELS_MAX];
    size_t depth;
    size_t parts;
};

static bool has_name(struct shown *s, const struct strict_block *block,
                     const struct strict_content *content, const char **ret_disposition)
{
    struct span value = strict_block_value(block, "Content-Disposition");
    struct strict_content disposition = {.word = ""};
    struct span name = {NULL, 0};
    struct span filename = {NULL, 0};
    bool odd = false; /* in the forms of RFC 2231: a name all the same */

    if (value.at != NULL && strict_content_read(s->a, value, &disposition) != STRICT_OK)
        disposition = (struct strict_content){.word = ""};
    *ret_disposition = disposition.word;
    odd = strict_content_value(&disposition, "filename", &filename) != STRICT_OK ||
          strict_content_value(content, "name", &name) != STRICT_OK;
    return odd || filename.at != NULL || name.at != NULL;
}

/* As the opener decides it: an attachment says so, or has a name and is not what begins the mail.
 */
static bool is_attachment(struct shown *s, const struct strict_block *block,
                          const struct strict_content *content)
{
    const char *disposition;
    bool named = has_name(s, block, content, &disposition);

    if (strcmp(disposition, "attachment") == 0)
        return true;
    if (strcmp(disposition, "inline") == 0 || !named)
        return false;
    return disposition[0] != '\0' || (s->depth > 0 && s->levels[s->depth - 1].n > 1);
}

/* RFC 9788 5.2.2: the header's copy at the top, up to the first empty line. */
static struct span without_legacy(struct span text)
{
    struct span rest = text;
    struct span line;

    while (span_line(&rest, &line)) {
        if (span_trim(line).n == 0)
            return rest;
    }
    return text;
}

static bool value_is(const struct strict_content *content, const char *name, const char *word)
{
    struct span value;

    return strict_content_value(content, name, &value) == STRICT_OK && value.at != NULL &&
           span_eq_nocase(value, word);
}

static enum strict_refusal shown_plain(struct shown *s, const struct strict_block *block,
                                       const struct strict_content *content)
{
    struct shown_level *level = s->depth > 0 ? &s->levels[s->depth - 1] : NULL;
    struct span text;
    enum strict_refusal no;

    if (level != NULL && level->alternative && level->taken)
        return STRICT_OK;
    no = strict_leaf_text(s->a, block, content, &text);
    if (no != STRICT_OK)
        return no;
    if (value_is(content, "hp-legacy-display", "1"))
        text = without_legacy(text);
    if (value_is(content, "format", "flowed"))
        text = flowed_text(s->a, text, value_is(content, "delsp", "yes"));
    if (span_trim(text).n == 0)
        return STRICT_OK;
    if (s->text.n > 0)
        buf_add_str(&s->text, "\n\n");
    buf_add_span(&s->text, text);
    if (level != NULL)
        level->taken = true;
    return STRICT_OK;
}

/* What is no plain text: of no concern, unless a client shows it. */
static enum strict_refusal shown_other(struct shown *s, const struct strict_content *content)
{
    static const char *const not_shown[] = {"text/rfc822-headers", "text/calendar", "text/vcard",
                                            "text/x-vcard"};

    for (size_t i = 0; i < LEN(not_shown); i++) {
        if (strcmp(content->word, not_shown[i]) == 0)
            return STRICT_OK;
    }
    if (strncmp(content->word, "text/", 5) != 0)
        return STRICT_OK;
    if (s->depth == 0 || !s->levels[s->depth - 1].alternative)
        return STRICT_TYPE;
    s->levels[s->depth - 1].html = true;
    return STRICT_OK;
}

static enum strict_refusal shown_multipart(struct shown *s, const struct strict_block *block,
                                           const struct strict_content *content)
{
    static const char *const known[] = {"multipart/mixed", "multipart/alternative",
                                        "multipart/related", "multipart/signed"};
    struct shown_level *level;
    struct span preamble;
    bool is_known = false;

    for (size_t i = 0; i < LEN(known); i++)
        is_known = is_known || strcmp(content->word, known[i]) == 0;
    /* Of an alternative only its plain text is read, here as there. */
    if (s->depth > 0 && s->levels[s->depth - 1].alternative) {
        s->levels[s->depth - 1].html = true;
        return STRICT_OK;
    }
    if (!is_known)
        return STRICT_TYPE;
    if (s->depth == STRICT_SHOWN_LEVELS_MAX)
        return STRICT_DEPTH;
    level = &s->levels[s->depth];
    *level =
        (struct shown_level){.alternative = strcmp(content->word, "multipart/alternative") == 0};
    s->depth++;
    return strict_cutter_open(s->a, block, content, &level->c, &preamble);
}

/* One entity; messages that are shown are looked into at once, multiparts child by child. */
static enum strict_refusal shown_entity(struct shown *s, struct span entity)
{
    for (int message = 0; message <= STRICT_SHOWN_LEVELS_MAX; message++) {
        struct strict_block block;
        struct strict_content content;
        enum strict_refusal no = strict_block_read(s->a, entity, &block);

        if (no == STRICT_OK)
            no = strict_content_of(s->a, &block, &content);
        if (no != STRICT_OK)
            return no;
        if (++s->parts > STRICT_PARTS_MAX)
            return STRICT_TOO_LARGE;
        if (strncmp(content.word, "multipart/", 10) == 0)
            return shown_multipart(s, &block, &content);
        if (is_attachment(s, &block, &content))
            return STRICT_OK;
        if (strcmp(content.word, "text/plain") == 0)
            return shown_plain(s, &block, &content);
        if (strcmp(content.word, "message/rfc822") != 0)
            return shown_other(s, &content);
        entity = block.body;
    }
    return STRICT_DEPTH;
}

static enum strict_refusal shown_text(struct arena *a, struct span signed_bytes,
                                      struct span *ret_text)
{
    struct shown s = {.a = a, .text = buf_new(a, 2 * (size_t)STRICT_TEXT_MAX)};
    enum strict_refusal no = shown_entity(&s, signed_bytes);

    while (no == STRICT_OK && s.depth > 0) {
        struct shown_level *level = &s.levels[s.depth - 1];
        struct span entity;

        if (level->closed) {
            if (level->alternative && level->html && !level->taken)
                return STRICT_TYPE;
            s.depth--;
            continue;
        }
        if (!strict_cut(&level->c, &entity, &level->closed))
            return STRICT_BOUNDARY;
        level->n++;
        no = shown_entity(&s, entity);
    }
    if (no == STRICT_OK && s.text.full)
        no = STRICT_TOO_LARGE;
    if (no == STRICT_OK)
        *ret_text = buf_span(&s.text);
    return no;
}

/* A program that signs an entity says what it is. */
static bool may_be_bare(struct arena *a, struct span signed_bytes)
{
    struct strict_block block;

    if (!text_is_utf8(signed_bytes) || span_find(signed_bytes, '\0') < signed_bytes.n)
        return false;
    return strict_block_read(a, signed_bytes, &block) != STRICT_OK ||
           strict_block_value(&block, "Content-Type").at == NULL;
}

void strict_shown(struct arena *a, struct span signed_bytes, struct strs *ret_shown)
{
    struct span text;

    if (shown_text(a, signed_bytes, &text) == STRICT_OK)
        strs_add(a, ret_shown, span_dup(a, text));
    if (may_be_bare(a, signed_bytes))
        strs_add(a, ret_shown, span_dup(a, signed_bytes));
}
