#include "mime/fields.h"

#include <libetpan/libetpan.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/visible.h"
#include "mime/charset.h"
#include "mime/header.h"
#include "mime/words.h"

/* --- the gate before libetpan ---------------------------------------------------------------- */

static uint64_t comments_max = FIELD_COMMENT_DEPTH_MAX;

void fields_limit_comments(uint64_t depth)
{
    comments_max = depth;
}

uint64_t fields_comments_max(void)
{
    return comments_max;
}

static bool comments_shallow(const char *text)
{
    size_t depth = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\' && c[1] != '\0')
            c++;
        else if (*c == '(' && ++depth > comments_max)
            return false;
        else if (*c == ')' && depth > 0)
            depth--;
    }
    return true;
}

/* The value as one line that libetpan may see, or NULL. */
static char *gate(struct arena *a, struct span value)
{
    char *line = value.n > FIELD_BYTES_MAX ? NULL : header_unfold(a, value);

    return line != NULL && comments_shallow(line) ? line : NULL;
}

char *fields_text(struct arena *a, struct span value, struct strs *defects)
{
    if (value.n > FIELD_BYTES_MAX)
        defect_add(a, defects, "field-too-long");
    return words_decode(a, span_str(header_unfold(a, span_first(value, FIELD_BYTES_MAX))), defects);
}

/* --- addresses ------------------------------------------------------------------------------- */

/* A copy with the domain in lower case, or NULL if it is no addr-spec that a mail could go to. */
static char *address_clean(struct arena *a, const char *spec)
{
    char *address = arena_strdup(a, spec);
    char *at = strrchr(address, '@');

    if (at == NULL || at == address || at[1] == '\0' || !text_is_utf8(span_str(address)))
        return NULL;
    for (const char *c = address; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || *c == 127)
            return NULL;
    }
    if (visible_has(span_str(address), VISIBLE_BIDI) ||
        visible_has(span_str(address), VISIBLE_ZERO_WIDTH))
        return NULL;
    ascii_lower_all(at + 1);
    return address;
}

/* Quotes that stand around the whole of it; libetpan leaves them where it fell back itself. */
static struct span unquoted(struct arena *a, struct span text)
{
    struct buf out = buf_new(a, text.n);

    text = span_trim(text);
    if (text.n < 2 || text.at[0] != '"' || text.at[text.n - 1] != '"')
        return text;
    for (size_t i = 1; i + 1 < text.n; i++) {
        i += text.at[i] == '\\' && i + 2 < text.n;
        buf_add_char(&out, (char)text.at[i]);
    }
    return buf_span(&out);
}

static const char *name_clean(struct arena *a, const char *name, struct strs *defects)
{
    char *text = name == NULL ? NULL : fields_text(a, unquoted(a, span_str(name)), defects);

    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* What libetpan can't read ("Doe, John <j@x>" without quotes): one <addr> at the end still counts.
 */
static struct mailbox mailbox_fallback(struct arena *a, const char *line, struct strs *defects)
{
    struct mailbox mailbox = {0};
    struct span text = span_trim(span_str(line));
    size_t open = span_find(text, '<');
    struct span spec = span_from(text, open + 1);

    if (spec.n < 2 || spec.at[spec.n - 1] != '>')
        return mailbox;
    spec.n--;
    if (span_find(spec, '<') < spec.n || span_find(spec, '>') < spec.n ||
        span_find(spec, '"') < spec.n || span_find(spec, '(') < spec.n)
        return mailbox;
    mailbox.address = address_clean(a, span_dup(a, span_trim(spec)));
    if (mailbox.address == NULL)
        return mailbox;
    mailbox.name = name_clean(a, span_dup(a, span_first(text, open)), defects);
    defect_add(a, defects, "from-broken");
    return mailbox;
}

static struct mailbox mailbox_of(struct arena *a, struct mailimf_mailbox_list *list,
                                 struct strs *defects)
{
    struct mailbox mailbox = {0};
    clistiter *first = clist_begin(list->mb_list);
    const struct mailimf_mailbox *mb;

    if (first == NULL)
        return mailbox;
    mb = clist_content(first);
    if (clist_next(first) != NULL)
        defect_add(a, defects, "from-several");
    mailbox.address = address_clean(a, mb->mb_addr_spec);
    if (mailbox.address != NULL)
        mailbox.name = name_clean(a, mb->mb_display_name, defects);
    return mailbox;
}

static struct mailbox mailbox_read(struct arena *a, const char *line, struct strs *defects)
{
    struct mailimf_mailbox_list *list = NULL;
    struct mailbox mailbox = {0};
    size_t used = 0;
    size_t n = strlen(line);

    if (mailimf_mailbox_list_parse(line, n, &used, &list) == MAILIMF_NO_ERROR) {
        /* Comments may follow; anything else means that it was no list of mailboxes. */
        while (used < n && (line[used] == ' ' || line[used] == '\t'))
            used++;
        if (used == n || line[used] == '(')
            mailbox = mailbox_of(a, list, defects);
        mailimf_mailbox_list_free(list);
    }
    if (mailbox.address == NULL)
        mailbox = mailbox_fallback(a, line, defects);
    return mailbox;
}

/* Raw ISO-2022-JP and Shift_JIS have brackets, quotes and backslashes among their bytes, so names
 * are read from the text that they are. An address counts as it stands first: that is what others
 * judge. */
static struct mailbox mailbox_read_raw(struct arena *a, const char *line, struct strs *defects)
{
    struct strs as_text = {0};
    struct strs as_bytes = {0};
    const char *text = gate(a, charset_to_utf8(a, span_str(line), NULL, &as_text));
    struct mailbox mailbox = mailbox_read(a, line, &as_bytes);
    struct mailbox decoded = {0};

    if (text != NULL)
        decoded = mailbox_read(a, text, &as_text);
    if (mailbox.address == NULL) {
        defect_add(a, defects, "from-broken");
        mailbox = decoded;
    } else if (decoded.address != NULL && strcmp(decoded.address, mailbox.address) == 0) {
        mailbox.name = decoded.name;
    }
    for (size_t i = 0; i < as_text.n; i++)
        defect_add(a, defects, as_text.at[i]);
    return mailbox;
}

struct mailbox fields_mailbox(struct arena *a, struct span value, struct strs *defects)
{
    char *line = gate(a, value);
    struct mailbox mailbox = {0};

    if (line == NULL)
        defect_add(a, defects, "from-broken");
    if (line == NULL || line[0] == '\0')
        return mailbox;
    if (text_is_utf8(span_str(line)) && strchr(line, 0x1b) == NULL)
        mailbox = mailbox_read(a, line, defects);
    else
        mailbox = mailbox_read_raw(a, line, defects);
    if (mailbox.address == NULL)
        defect_add(a, defects, "from-broken");
    return mailbox;
}

/* --- ids, dates, tokens ---------------------------------------------------------------------- */

void fields_ids(struct arena *a, struct span value, struct strs *ids)
{
    struct span rest = span_first(value, FIELD_BYTES_MAX);

    while (rest.n > 0 && ids->n < FIELD_IDS_MAX) {
        size_t open = span_find(rest, '<');
        struct span id = span_from(rest, open + 1);
        size_t close = span_find(id, '>');
        char *text;

        if (close == id.n)
            return;
        /* "<half <whole@x>": the last opening bracket counts. */
        rest = span_from(id, close + 1);
        id = span_first(id, close);
        while (span_find(id, '<') < id.n)
            id = span_from(id, span_find(id, '<') + 1);
        text = header_unfold(a, id);
        if (text[0] != '\0' && strpbrk(text, " \t") == NULL && text_is_utf8(span_str(text)) &&
            !strs_has(ids, text))
            strs_add(a, ids, text);
    }
}

/* libetpan checks ranges loosely; timegm would quietly normalise. */
static bool date_sound(const struct mailimf_date_time *d)
{
    return d->dt_year >= 1970 && d->dt_year <= 9999 && d->dt_month >= 1 && d->dt_month <= 12 &&
           d->dt_day >= 1 && d->dt_day <= 31 && d->dt_hour >= 0 && d->dt_hour <= 24 &&
           d->dt_min >= 0 && d->dt_min <= 59 && d->dt_sec >= 0 && d->dt_sec <= 60;
}

instant fields_date(struct arena *a, struct span value)
{
    struct mailimf_date_time *date = NULL;
    char *line = gate(a, value);
    size_t used = 0;
    instant at = 0;

    if (line == NULL ||
        mailimf_date_time_parse(line, strlen(line), &used, &date) != MAILIMF_NO_ERROR)
        return 0;
    if (date_sound(date)) {
        struct tm tm = {.tm_year = date->dt_year - 1900,
                        .tm_mon = date->dt_month - 1,
                        .tm_mday = date->dt_day,
                        .tm_hour = date->dt_hour,
                        .tm_min = date->dt_min,
                        .tm_sec = date->dt_sec};
        int zone = date->dt_zone; /* +0930 is 930 */

        at = timegm(&tm) - (zone / 100 * 60 + zone % 100) * 60;
    }
    mailimf_date_time_free(date);
    return at;
}

char *fields_token(struct arena *a, struct span value)
{
    char *line = header_unfold(a, span_first(value, FIELD_BYTES_MAX));
    size_t depth = 0;
    size_t n = 0;

    for (const char *c = line; *c != '\0'; c++) {
        if (depth == 0 && strchr(" \t;(", *c) != NULL && n > 0)
            break;
        depth += *c == '(';
        if (depth == 0 && *c != ' ' && *c != '\t')
            line[n++] = (char)ascii_lower((unsigned char)*c);
        depth -= *c == ')' && depth > 0;
    }
    line[n] = '\0';
    return line;
}
