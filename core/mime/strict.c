#include "mime/strict.h"

#include "mime/strict-body.h"

enum { STRICT_BYTES_MAX = 192 * 1024 * 1024 };

const char *strict_reason(enum strict_refusal refusal)
{
    switch (refusal) {
    case STRICT_OK:
        return "it can be read";
    case STRICT_HEADER:
        return "its header lines are broken; write plain text";
    case STRICT_DOUBLED:
        return "it says twice what it is; write plain text";
    case STRICT_PARAMETER:
        return "its Content-Type is written in an uncommon way; write plain text";
    case STRICT_TYPE:
        return "it does not begin with a plain text; write plain text, not HTML";
    case STRICT_ENCODING:
        return "its transfer encoding is unknown or broken; write plain text";
    case STRICT_CHARSET:
        return "its character set is not one that commands are read in; write plain text in UTF-8";
    case STRICT_BOUNDARY:
        return "its parts are not clearly divided; write plain text without attachments";
    case STRICT_DEPTH:
        return "its parts are too deep within each other; write plain text without attachments";
    case STRICT_TOO_LARGE:
        return "it is too large for a command; write a short plain text";
    }
    return "it can't be read; write plain text";
}

enum strict_refusal strict_text(struct arena *a, struct span signed_bytes, struct span *ret_text)
{
    struct span entity = signed_bytes;

    for (int level = 0; level <= STRICT_LEVELS_MAX; level++) {
        struct strict_block block;
        struct strict_content content;
        struct strict_cutter c;
        struct span preamble;
        bool close;
        enum strict_refusal no = strict_block_read(a, entity, &block);

        if (no == STRICT_OK)
            no = strict_content_of(a, &block, &content);
        if (no != STRICT_OK)
            return no;
        if (strcmp(content.word, "text/plain") == 0)
            return strict_leaf_text(a, &block, &content, ret_text);
        if (strcmp(content.word, "multipart/mixed") != 0 &&
            strcmp(content.word, "multipart/alternative") != 0)
            return STRICT_TYPE;
        no = strict_cutter_open(a, &block, &content, &c, &preamble);
        if (no != STRICT_OK)
            return no;
        if (!strict_cut(&c, &entity, &close))
            return STRICT_BOUNDARY;
    }
    return STRICT_DEPTH;
}

/* What write wrote. */

struct reader {
    struct arena *a;
    struct strict_header *headers;
    size_t n_headers;
    struct strict_part *parts;
    size_t n_parts;
    size_t parts_room;
};

static enum strict_refusal headers_read(struct reader *r, const struct strict_block *block)
{
    r->headers = ARENA_ARRAY(r->a, block->n, struct strict_header);
    for (size_t i = 0; i < block->n; i++) {
        struct strict_header *h = &r->headers[r->n_headers++];
        enum strict_refusal no = strict_words(r->a, block->at[i].value, &h->value);

        if (no != STRICT_OK)
            return no;
        h->name = span_dup(r->a, block->at[i].name);
    }
    return STRICT_OK;
}

/* Of a Content-Disposition: whether it is an attachment, and the file name if it has one. */
static enum strict_refusal disposition_read(struct reader *r, const struct strict_block *block,
                                            bool *ret_attachment, const char **ret_filename)
{
    struct span value = strict_block_value(block, "Content-Disposition");
    struct strict_content disposition;
    enum strict_refusal no;

    *ret_attachment = false;
    *ret_filename = NULL;
    if (value.at == NULL)
        return STRICT_OK;
    no = strict_content_read(r->a, value, &disposition);
    if (no != STRICT_OK)
        return no;
    *ret_attachment = strcmp(disposition.word, "attachment") == 0;
    return strict_content_filename(r->a, &disposition, "filename", ret_filename);
}

static enum strict_refusal leaf_read(struct reader *r, const struct strict_block *block,
                                     const struct strict_content *content)
{
    struct strict_part part = {.type = content->word};
    bool attachment;
    enum strict_refusal no = disposition_read(r, block, &attachment, &part.filename);

    if (no != STRICT_OK)
        return no;
    if (r->n_parts >= STRICT_PARTS_MAX)
        return STRICT_TOO_LARGE;
    if (strncmp(content->word, "multipart/", 10) == 0 || strncmp(content->word, "message/", 8) == 0)
        return STRICT_TYPE;
    part.is_text = !attachment && strcmp(content->word, "text/plain") == 0;
    if (!attachment && !part.is_text && strncmp(content->word, "text/", 5) == 0)
        return STRICT_TYPE; /* shown in a way that is not known here */
    no = part.is_text ? strict_leaf_text(r->a, block, content, &part.bytes)
                      : strict_body_decode(r->a, block, &part.bytes);
    if (no != STRICT_OK)
        return no;
    ARENA_GROW(r->a, r->parts, r->n_parts, r->parts_room);
    r->parts[r->n_parts++] = part;
    return STRICT_OK;
}

static enum strict_refusal child_read(struct reader *r, struct span entity)
{
    struct strict_block block;
    struct strict_content content = {.word = NULL};
    enum strict_refusal no = strict_block_read(r->a, entity, &block);

    if (no == STRICT_OK)
        no = strict_content_of(r->a, &block, &content);
    for (size_t i = 0; no == STRICT_OK && i < block.n; i++) {
        if (!span_starts_nocase(block.at[i].name, "Content-"))
            no = STRICT_HEADER; /* we write none, so nobody looks at it */
    }
    return no == STRICT_OK ? leaf_read(r, &block, &content) : no;
}

/* Behind the last boundary there is padding and nothing else. */
static bool is_padding(struct span epilogue)
{
    for (size_t i = 0; i < epilogue.n; i++) {
        if (epilogue.at[i] != 'x' && epilogue.at[i] != '\r' && epilogue.at[i] != '\n')
            return false;
    }
    return true;
}

static enum strict_refusal children_read(struct reader *r, const struct strict_block *block,
                                         const struct strict_content *content)
{
    struct strict_cutter c;
    struct span piece;
    bool close = false;
    enum strict_refusal no = strict_cutter_open(r->a, block, content, &c, &piece);

    if (no != STRICT_OK)
        return no;
    if (piece.n > 0)
        return STRICT_BOUNDARY;
    while (!close) {
        if (!strict_cut(&c, &piece, &close))
            return STRICT_BOUNDARY;
        no = child_read(r, piece);
        if (no != STRICT_OK)
            return no;
    }
    return is_padding(c.rest) ? STRICT_OK : STRICT_BOUNDARY;
}

enum strict_refusal strict_read_all(struct arena *a, struct span mail, struct strict_mail *ret_mail)
{
    struct reader r = {.a = a};
    struct strict_block block;
    struct strict_content content;
    enum strict_refusal no = STRICT_TOO_LARGE;

    if (mail.n <= STRICT_BYTES_MAX)
        no = strict_block_read(a, mail, &block);
    if (no == STRICT_OK)
        no = headers_read(&r, &block);
    if (no == STRICT_OK)
        no = strict_content_of(a, &block, &content);
    if (no != STRICT_OK)
        return no;
    if (strcmp(content.word, "multipart/mixed") == 0 ||
        strcmp(content.word, "multipart/encrypted") == 0)
        no = children_read(&r, &block, &content);
    else
        no = leaf_read(&r, &block, &content);
    if (no != STRICT_OK)
        return no;
    *ret_mail = (struct strict_mail){r.headers, r.n_headers, r.parts, r.n_parts};
    return STRICT_OK;
}
