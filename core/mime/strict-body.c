#include "mime/strict-body.h"

#include <unicode/ucnv.h>

#include "base/ascii.h"
#include "base/text.h"

enum { BOUNDARY_MAX = 70 /* RFC 2046 5.1.1 */ };

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

enum strict_refusal strict_body_decode(struct arena *a, const struct strict_block *block,
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

enum line_is { LINE_TEXT, LINE_DELIMITER, LINE_CLOSE, LINE_DOUBTFUL };

static enum line_is line_judge(const struct strict_cutter *c, struct span line)
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

bool strict_cut(struct strict_cutter *c, struct span *ret_piece, bool *ret_close)
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

enum strict_refusal strict_cutter_open(struct arena *a, const struct strict_block *block,
                                       const struct strict_content *content,
                                       struct strict_cutter *ret_cutter, struct span *ret_preamble)
{
    struct span encoding = strict_block_value(block, "Content-Transfer-Encoding");
    struct strict_cutter c = {block->body, NULL};
    enum strict_refusal no = boundary_of(a, content, &c.dashes);
    bool close;

    if (no != STRICT_OK)
        return no;
    if (encoding.at != NULL && !span_eq_nocase(encoding, "7bit") &&
        !span_eq_nocase(encoding, "8bit"))
        return STRICT_ENCODING;
    if (!strict_cut(&c, ret_preamble, &close) || close)
        return STRICT_BOUNDARY;
    *ret_cutter = c;
    return STRICT_OK;
}

enum strict_refusal strict_content_of(struct arena *a, const struct strict_block *block,
                                      struct strict_content *ret_content)
{
    struct span value = strict_block_value(block, "Content-Type");

    return strict_content_read(a, value.at == NULL ? span_str("text/plain") : value, ret_content);
}

enum strict_refusal strict_leaf_text(struct arena *a, const struct strict_block *block,
                                     const struct strict_content *content, struct span *ret_text)
{
    struct span charset;
    struct span bytes = {NULL, 0};
    enum strict_refusal no = strict_content_value(content, "charset", &charset);

    if (no == STRICT_OK)
        no = strict_body_decode(a, block, &bytes);
    return no == STRICT_OK ? charset_decode(a, charset, bytes, ret_text) : no;
}
