#include "mime/strict.h"

#include <unicode/ucnv.h>

#include "base/ascii.h"
#include "base/text.h"
#include "mime/strict-field.h"

enum {
    BOUNDARY_MAX = 70, /* RFC 2046 5.1.1 */
    STRICT_BYTES_MAX = 192 * 1024 * 1024,
};

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

/* Bodies. */

/* One line of quoted-printable (without its line break); *ret_soft: it goes on in the next. */
static bool unquote_line(struct buf *out, struct span line, bool *ret_soft)
{
    *ret_soft = false;
    while (line.n > 0 && (line.at[line.n - 1] == ' ' || line.at[line.n - 1] == '\t'))
        line.n--; /* RFC 2045 6.7 rule 3: these were added on the way */
    for (size_t i = 0; i < line.n; i++) {
        int high;
        int low;

        if (line.at[i] != '=') {
            if (line.at[i] >= 0x80)
                return false;
            buf_add_char(out, (char)line.at[i]);
            continue;
        }
        if (i + 1 == line.n) {
            *ret_soft = true;
            return true;
        }
        high = ascii_hex(line.at[i + 1]);
        low = i + 2 < line.n ? ascii_hex(line.at[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        buf_add_char(out, (char)(high * 16 + low));
        i += 2;
    }
    return true;
}

static bool unquote(struct arena *a, struct span body, struct span *ret_bytes)
{
    struct buf out = buf_new(a, body.n + 2);
    bool soft;

    while (body.n > 0) {
        size_t n = span_find(body, '\n');
        struct span line = span_first(body, n);
        bool crlf = line.n > 0 && n < body.n && line.at[line.n - 1] == '\r';

        line.n -= crlf ? 1 : 0;
        if (!unquote_line(&out, line, &soft))
            return false;
        if (n < body.n && !soft)
            buf_add_str(&out, crlf ? "\r\n" : "\n");
        body = span_from(body, n + 1);
    }
    *ret_bytes = buf_span(&out);
    return true;
}

static enum strict_refusal body_decode(struct arena *a, const struct strict_block *block,
                                       struct span *ret_bytes)
{
    struct span encoding = strict_block_value(block, "Content-Transfer-Encoding");
    bool seven = encoding.at == NULL || span_eq_nocase(encoding, "7bit");

    if (seven || span_eq_nocase(encoding, "8bit")) {
        for (size_t i = 0; seven && i < block->body.n; i++) {
            if (block->body.at[i] >= 0x80)
                return STRICT_ENCODING;
        }
        *ret_bytes = block->body;
        return STRICT_OK;
    }
    if (span_eq_nocase(encoding, "base64"))
        return text_from_base64(a, block->body, ret_bytes) ? STRICT_OK : STRICT_ENCODING;
    if (span_eq_nocase(encoding, "quoted-printable"))
        return unquote(a, block->body, ret_bytes) ? STRICT_OK : STRICT_ENCODING;
    return STRICT_ENCODING;
}

static struct span with_lf(struct arena *a, struct span text)
{
    struct buf out = buf_new(a, text.n);

    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] != '\r' || i + 1 == text.n || text.at[i + 1] != '\n')
            buf_add_char(&out, (char)text.at[i]);
    }
    return buf_span(&out);
}

/* By ICU, stopping at the first byte that the charset does not have. */
static bool convert(struct arena *a, const char *charset, struct span bytes, struct span *ret_text)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *from = ucnv_open(charset, &status);
    UConverter *to = ucnv_open("UTF-8", &status);
    size_t room = 3 * bytes.n + 16;
    char *text = arena_alloc(a, room + 1);
    char *end = text;
    const char *at = bytes.n == 0 ? "" : (const char *)bytes.at;

    if (U_SUCCESS(status))
        ucnv_setToUCallBack(from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    if (U_SUCCESS(status))
        ucnv_convertEx(to, from, &end, text + room, &at, at + bytes.n, NULL, NULL, NULL, NULL, true,
                       true, &status);
    ucnv_close(from);
    ucnv_close(to);
    if (U_FAILURE(status))
        return false;
    *ret_text = span_of(text, (size_t)(end - text));
    return true;
}

static enum strict_refusal charset_decode(struct arena *a, struct span charset, struct span bytes,
                                          struct span *ret_text)
{
    static const char *const CONVERTED[] = {"iso-8859-1", "windows-1252", "iso-2022-jp"};
    bool ascii = charset.at == NULL || span_eq_nocase(charset, "us-ascii");
    struct span text = bytes;
    bool fine = ascii || span_eq_nocase(charset, "utf-8");

    if (bytes.n > STRICT_TEXT_MAX)
        return STRICT_TOO_LARGE;
    for (size_t i = 0; ascii && i < bytes.n; i++)
        fine = fine && bytes.at[i] < 0x80;
    for (size_t i = 0; i < LEN(CONVERTED); i++) {
        if (charset.at != NULL && span_eq_nocase(charset, CONVERTED[i]))
            fine = convert(a, CONVERTED[i], bytes, &text);
    }
    if (!fine || !text_is_utf8(text) || span_find(text, '\0') < text.n)
        return STRICT_CHARSET;
    *ret_text = with_lf(a, text);
    return STRICT_OK;
}

/* Multiparts. */

struct cutter {
    struct span rest;
    const char *dashes; /* "--boundary" */
};

enum line_is { LINE_TEXT, LINE_DELIMITER, LINE_CLOSE, LINE_DOUBTFUL };

static enum line_is line_judge(const struct cutter *c, struct span line)
{
    enum line_is is = LINE_DELIMITER;

    if (!span_starts(line, c->dashes))
        return LINE_TEXT;
    line = span_from(line, strlen(c->dashes));
    if (span_starts(line, "--")) {
        is = LINE_CLOSE;
        line = span_from(line, 2);
    }
    return span_trim(line).n == 0 ? is : LINE_DOUBTFUL;
}

/* Takes the bytes before the next delimiter off the rest, without the line break that belongs to
 * the delimiter (RFC 2046 5.1.1). False: there is none, or one that could be read in two ways. */
static bool cut(struct cutter *c, struct span *ret_piece, bool *ret_close)
{
    const unsigned char *start = c->rest.at;
    struct span line;

    for (;;) {
        const unsigned char *line_start = c->rest.at;
        struct span piece = span_of(start, (size_t)(line_start - start));
        enum line_is is;

        if (!span_line(&c->rest, &line))
            return false;
        is = line_judge(c, line);
        if (is == LINE_TEXT)
            continue;
        if (piece.n > 0 && piece.at[piece.n - 1] == '\n')
            piece.n--;
        if (piece.n > 0 && piece.at[piece.n - 1] == '\r')
            piece.n--;
        *ret_piece = piece;
        *ret_close = is == LINE_CLOSE;
        return is != LINE_DOUBTFUL;
    }
}

static enum strict_refusal boundary_of(struct arena *a, const struct strict_content *content,
                                       const char **ret_dashes)
{
    struct span boundary;
    enum strict_refusal no = strict_content_value(content, "boundary", &boundary);

    if (no != STRICT_OK)
        return no;
    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX || boundary.at[boundary.n - 1] == ' ')
        return STRICT_BOUNDARY;
    for (size_t i = 0; i < boundary.n; i++) {
        if (boundary.at[i] < ' ' || boundary.at[i] >= 0x7f)
            return STRICT_BOUNDARY;
    }
    *ret_dashes = arena_printf(a, "--%s", span_dup(a, boundary));
    return STRICT_OK;
}

/* The preamble is taken off; the first part comes next. */
static enum strict_refusal cutter_open(struct arena *a, const struct strict_block *block,
                                       const struct strict_content *content,
                                       struct cutter *ret_cutter, struct span *ret_preamble)
{
    struct span encoding = strict_block_value(block, "Content-Transfer-Encoding");
    struct cutter c = {block->body, NULL};
    enum strict_refusal no = boundary_of(a, content, &c.dashes);
    bool close;

    if (no != STRICT_OK)
        return no;
    if (encoding.at != NULL && !span_eq_nocase(encoding, "7bit") &&
        !span_eq_nocase(encoding, "8bit"))
        return STRICT_ENCODING;
    if (!cut(&c, ret_preamble, &close) || close)
        return STRICT_BOUNDARY;
    *ret_cutter = c;
    return STRICT_OK;
}

/* The type of an entity; none is text/plain (RFC 2045 5.2). */
static enum strict_refusal content_of(struct arena *a, const struct strict_block *block,
                                      struct strict_content *ret_content)
{
    struct span value = strict_block_value(block, "Content-Type");

    return strict_content_read(a, value.at == NULL ? span_str("text/plain") : value, ret_content);
}

static enum strict_refusal leaf_text(struct arena *a, const struct strict_block *block,
                                     const struct strict_content *content, struct span *ret_text)
{
    struct span charset;
    struct span bytes = {NULL, 0};
    enum strict_refusal no = strict_content_value(content, "charset", &charset);

    if (no == STRICT_OK)
        no = body_decode(a, block, &bytes);
    return no == STRICT_OK ? charset_decode(a, charset, bytes, ret_text) : no;
}

enum strict_refusal strict_text(struct arena *a, struct span signed_bytes, struct span *ret_text)
{
    struct span entity = signed_bytes;

    for (int level = 0; level <= STRICT_LEVELS_MAX; level++) {
        struct strict_block block;
        struct strict_content content;
        struct cutter c;
        struct span preamble;
        bool close;
        enum strict_refusal no = strict_block_read(a, entity, &block);

        if (no == STRICT_OK)
            no = content_of(a, &block, &content);
        if (no != STRICT_OK)
            return no;
        if (strcmp(content.word, "text/plain") == 0)
            return leaf_text(a, &block, &content, ret_text);
        if (strcmp(content.word, "multipart/mixed") != 0 &&
            strcmp(content.word, "multipart/alternative") != 0)
            return STRICT_TYPE;
        no = cutter_open(a, &block, &content, &c, &preamble);
        if (no != STRICT_OK)
            return no;
        if (!cut(&c, &entity, &close))
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
    no = part.is_text ? leaf_text(r->a, block, content, &part.bytes)
                      : body_decode(r->a, block, &part.bytes);
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
        no = content_of(r->a, &block, &content);
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
    struct cutter c;
    struct span piece;
    bool close = false;
    enum strict_refusal no = cutter_open(r->a, block, content, &c, &piece);

    if (no != STRICT_OK)
        return no;
    if (piece.n > 0)
        return STRICT_BOUNDARY;
    while (!close) {
        if (!cut(&c, &piece, &close))
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
        no = content_of(a, &block, &content);
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
