#include "mime/dsn.h"

#include <strings.h>

#include "mime/automatic.h"
#include "mime/decode.h"
#include "mime/fields.h"

enum { LINES_BEHIND_HEADING = 8 };

struct reading {
    struct arena *a;
    const struct split *s;
    const struct header *root;
    struct strs defects; /* of fields that only this module looks at: nobody else's business */
    bool spoke;          /* a status part says what happened */
};

/* --- what a bounce says ---------------------------------------------------------------------- */

static struct span decoded_body(struct reading *r, const struct split_part *part)
{
    const char *encoding =
        fields_token(r->a, header_value(&part->fields, "Content-Transfer-Encoding"));

    return decode_transfer(r->a, part->body, encoding, &r->defects);
}

/* "rfc822; user@domain" */
static const char *status_address(struct reading *r, struct span value)
{
    size_t semicolon = span_find(value, ';');
    char *text;

    if (semicolon < value.n)
        value = span_from(value, semicolon + 1);
    text = arena_printf(r->a, "<%s>", header_unfold(r->a, value));
    return fields_mailbox(r->a, text[1] == '<' ? span_str(text + 1) : span_str(text), &r->defects)
        .address;
}

/* Groups of fields, one for the message, then one a recipient, with empty lines between. The first
 * that failed counts, else the first. */
static void read_status(struct reading *r, struct span status, struct dsn *dsn)
{
    bool failed = false;

    while (status.n > 0 && !failed) {
        struct span rest = status;
        struct span line;
        struct header group;
        struct span recipient;
        const char *address;

        while (span_line(&rest, &line) && span_trim(line).n > 0)
            continue;
        group = header_read(r->a, span_first(status, status.n - rest.n), &r->defects);
        status = rest;
        recipient = header_value(&group, "Original-Recipient");
        if (recipient.n == 0)
            recipient = header_value(&group, "Final-Recipient");
        address = recipient.n == 0 ? NULL : status_address(r, recipient);
        if (address == NULL)
            continue;
        failed = strcmp(fields_token(r->a, header_value(&group, "Action")), "failed") == 0;
        r->spoke = r->spoke || header_find(&group, "Action") != NULL;
        if (failed || dsn->recipient == NULL)
            dsn->recipient = address;
    }
    dsn->harmless = r->spoke && !failed;
}

static const char *returned_id(struct reading *r, struct span block)
{
    struct strs ids = {0};
    struct header header = header_read(r->a, block, &r->defects);

    fields_ids(r->a, header_value(&header, "Message-ID"), &ids);
    return ids.n == 0 ? NULL : ids.at[0];
}

/* The first address in a line, or NULL. */
static const char *address_in(struct reading *r, struct span line)
{
    size_t at = span_find(line, '@');
    size_t from = at;
    size_t to = at;

    if (at == line.n)
        return NULL;
    while (from > 0 && line.at[from - 1] > ' ' && line.at[from - 1] < 0x7f &&
           span_find(span_str("<>()[]\",;:"), line.at[from - 1]) == 10)
        from--;
    while (to < line.n && line.at[to] > ' ' && line.at[to] < 0x7f &&
           span_find(span_str("<>()[]\",;:"), line.at[to]) == 10)
        to++;
    while (to > at && line.at[to - 1] == '.')
        to--;
    return fields_mailbox(r->a,
                          span_str(arena_printf(r->a, "<%.*s>", (int)(to - from),
                                                (const char *)line.at + from)),
                          &r->defects)
        .address;
}

/* The line above the addresses that a mail did not get to. */
static bool is_heading(const char *line)
{
    static const char *const words[] = {
        "following address",
        "following recipient",
        "following addresses failed",
        "failed to these recipients",
        "wasn't delivered to",
        "was not delivered to",
        "could not be delivered to",
        "folgende(r) empfänger",
        "folgenden empfänger",
        "folgende empfänger",
        "folgender empfänger",
        "nicht zugestellt werden an",
        "次の受信者",
        "以下の受信者",
        "以下の宛先",
        "次の宛先",
    };

    for (size_t i = 0; i < LEN(words); i++) {
        if (strcasestr(line, words[i]) != NULL)
            return true;
    }
    return false;
}

static const char *qmail_address(struct reading *r, struct span line)
{
    struct span close = span_from(line, span_find(line, '>'));

    if (!span_starts(line, "<") || !span_starts(close, ">:"))
        return NULL;
    return fields_mailbox(r->a, span_first(line, line.n - close.n + 1), &r->defects).address;
}

/* Who failed stands as "<user@domain>:" (qmail, Postfix), or behind a heading; the returned mail's
 * header stands further down, as text. */
static void read_text(struct reading *r, struct span text, struct dsn *dsn)
{
    struct span line;
    size_t behind = LINES_BEHIND_HEADING;

    while (span_line(&text, &line)) {
        struct strs ids = {0};

        line = span_trim(line);
        if (dsn->recipient == NULL)
            dsn->recipient = qmail_address(r, line);
        if (is_heading(span_dup(r->a, line)))
            behind = 0;
        if (dsn->recipient == NULL && behind++ < LINES_BEHIND_HEADING)
            dsn->recipient = address_in(r, line);
        if (dsn->message_id == NULL && span_starts_nocase(line, "Message-ID:"))
            fields_ids(r->a, line, &ids);
        if (ids.n > 0)
            dsn->message_id = ids.at[0];
    }
}

static struct span first_block(struct span body)
{
    struct span rest = body;
    struct span line;

    while (span_line(&rest, &line) && line.n > 0)
        continue;
    return span_first(body, body.n - rest.n);
}

static void read_part(struct reading *r, const struct split_part *part, struct dsn *dsn)
{
    const char *type = part->type.type;

    if (part->n_children > 0)
        return;
    if (dsn->recipient == NULL && (strcmp(type, "message/delivery-status") == 0 ||
                                   strcmp(type, "message/global-delivery-status") == 0))
        read_status(r, decoded_body(r, part), dsn);
    if (dsn->message_id == NULL &&
        (split_is_mail(part) || strcmp(type, "text/rfc822-headers") == 0 ||
         strcmp(type, "message/rfc822-headers") == 0))
        dsn->message_id = returned_id(r, first_block(decoded_body(r, part)));
}

static void read_bounce(struct reading *r, struct dsn *dsn)
{
    struct span failed = header_value(r->root, "X-Failed-Recipients");

    for (size_t i = 0; i < r->s->n; i++)
        read_part(r, &r->s->at[i], dsn);
    for (size_t i = 0; i < r->s->n && i < AUTOMATIC_PARTS_MAX &&
                       (dsn->recipient == NULL || dsn->message_id == NULL);
         i++)
        read_text(r, automatic_text(r->a, &r->s->at[i]), dsn);
    if (dsn->recipient == NULL && failed.n > 0)
        dsn->recipient = fields_mailbox(r->a, failed, &r->defects).address;
}

/* Without a status part, only the subject says that the mail is still being tried. */
static bool is_warning(struct reading *r)
{
    static const char *const words[] = {"warning: could not send",
                                        "delayed",
                                        "delivery status notification (delay",
                                        "verzögert",
                                        "配信遅延",
                                        "successful mail delivery"};
    const char *subject = fields_text(r->a, header_value(r->root, "Subject"), &r->defects);

    for (size_t i = 0; i < LEN(words); i++) {
        if (strcasestr(subject, words[i]) != NULL)
            return true;
    }
    return false;
}

struct dsn dsn_read(struct arena *a, const struct split *s)
{
    struct reading r = {.a = a, .s = s, .root = &s->at[0].fields};
    struct dsn dsn = {.automatic = automatic_kind(a, s)};

    if (dsn.automatic != AUTOMATIC_DSN)
        return dsn;
    read_bounce(&r, &dsn);
    dsn.harmless = r.spoke ? dsn.harmless : is_warning(&r);
    return dsn;
}
