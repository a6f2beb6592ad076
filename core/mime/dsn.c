#include "mime/dsn.h"

#include <strings.h>

#include "mime/decode.h"
#include "mime/fields.h"

struct reading {
    struct arena *a;
    const struct split *s;
    const struct header *root;
    struct strs defects; /* of fields that only this module looks at: nobody else's business */
};

static bool has_type(const struct reading *r, const char *type)
{
    for (size_t i = 0; i < r->s->n; i++) {
        if (strcmp(r->s->at[i].type.type, type) == 0)
            return true;
    }
    return false;
}

static bool report_type_is(const struct reading *r, const char *want)
{
    const struct parameters *type = &r->s->at[0].type;
    const char *given = parameters_value(type, "report-type");

    if (strcmp(type->type, "multipart/report") != 0)
        return false;
    return strcasecmp(given == NULL ? "delivery-status" : given, want) == 0;
}

/* --- which kind ------------------------------------------------------------------------------ */

static bool from_begins(struct reading *r, const char *const *names, size_t n)
{
    struct span value = header_value(r->root, "From");
    struct mailbox from = fields_mailbox(r->a, value, &r->defects);

    for (size_t i = 0; from.address != NULL && i < n; i++) {
        if (strncasecmp(from.address, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

/* Some mailers write "MAILER-DAEMON (Mail Delivery System)" without a domain. */
static bool from_a_daemon(struct reading *r)
{
    static const char *const names[] = {"mailer-daemon@", "mailerdaemon@", "mail-daemon@"};
    struct span path = header_value(r->root, "Return-Path");
    struct mailbox from = fields_mailbox(r->a, header_value(r->root, "From"), &r->defects);

    if (strcasestr(header_unfold(r->a, path), "mailer-daemon") != NULL)
        return true;
    if (from.address == NULL)
        return strcasestr(header_unfold(r->a, header_value(r->root, "From")), "mailer-daemon") !=
               NULL;
    return from_begins(r, names, LEN(names));
}

static bool has_null_sender(struct reading *r)
{
    return span_eq_str(span_trim(header_value(r->root, "Return-Path")), "<>");
}

/* A person may sit behind these: it takes more than the address to make a bounce. */
static bool from_a_mailer(struct reading *r)
{
    static const char *const names[] = {"postmaster@", "post_master@", "microsoftexchange"};

    return has_null_sender(r) || from_begins(r, names, LEN(names));
}

static char *subject_of(struct reading *r)
{
    return fields_text(r->a, header_value(r->root, "Subject"), &r->defects);
}

static bool subject_of_a_bounce(struct reading *r)
{
    static const char *const words[] = {"undeliver",
                                        "delivery fail",
                                        "delivery status",
                                        "delivery notification",
                                        "returned mail",
                                        "mail delivery",
                                        "failure notice",
                                        "delivery report",
                                        "could not be",
                                        "not delivered",
                                        "message status",
                                        "delivery error",
                                        "failure notification",
                                        "non remis",
                                        "unzustellbar",
                                        "mail system error",
                                        "returned to sender",
                                        "warning: could not send"};
    const char *subject = subject_of(r);

    for (size_t i = 0; i < LEN(words); i++) {
        if (strcasestr(subject, words[i]) != NULL)
            return true;
    }
    return false;
}

static bool is_bounce(struct reading *r)
{
    if (report_type_is(r, "delivery-status") || has_type(r, "message/delivery-status") ||
        has_type(r, "message/global-delivery-status"))
        return true;
    if (header_find(r->root, "X-Failed-Recipients") != NULL || from_a_daemon(r))
        return true;
    return from_a_mailer(r) && (subject_of_a_bounce(r) || has_type(r, "message/rfc822") ||
                                has_type(r, "text/rfc822-headers"));
}

static bool subject_of_a_reply(struct reading *r)
{
    static const char *const starts[] = {"auto:",
                                         "autoreply",
                                         "auto-reply",
                                         "auto reply",
                                         "automatic reply",
                                         "out of office",
                                         "out-of-office",
                                         "automatische antwort",
                                         "abwesen",
                                         "r\xc3\xa9ponse automatique",
                                         "\xe8\x87\xaa\xe5\x8b\x95\xe8\xbf\x94\xe4\xbf\xa1",
                                         "\xe8\x87\xaa\xe5\x8b\x95\xe5\xbf\x9c\xe7\xad\x94",
                                         "\xe4\xb8\x8d\xe5\x9c\xa8"};
    const char *subject = subject_of(r);

    for (size_t i = 0; i < LEN(starts); i++) {
        if (strncasecmp(subject, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

static bool is_auto_reply(struct reading *r)
{
    static const char *const names[] = {"no-reply@", "noreply@", "donotreply@", "do-not-reply@"};
    static const char *const marks[] = {"X-Autoreply",
                                        "X-Autorespond",
                                        "X-Auto-Reply",
                                        "X-Autoresponder",
                                        "X-Autoreply-From",
                                        "X-Mail-Autoreply",
                                        "X-Auto-Response-Suppress"};
    const char *submitted = fields_token(r->a, header_value(r->root, "Auto-Submitted"));
    const char *precedence = fields_token(r->a, header_value(r->root, "Precedence"));

    if (submitted[0] != '\0' && strcmp(submitted, "no") != 0)
        return true;
    if (has_null_sender(r) || from_begins(r, names, LEN(names)))
        return true;
    if (strcmp(precedence, "auto_reply") == 0 || strcmp(precedence, "auto-reply") == 0)
        return true;
    for (size_t i = 0; i < LEN(marks); i++) {
        if (header_find(r->root, marks[i]) != NULL)
            return true;
    }
    return report_type_is(r, "disposition-notification") || subject_of_a_reply(r);
}

static bool is_list(struct reading *r)
{
    static const char *const marks[] = {"List-Id",        "List-Post",    "List-Unsubscribe",
                                        "List-Subscribe", "Mailing-List", "X-Mailing-List"};
    static const char *const words[] = {"bulk", "list", "junk"};
    const char *precedence = fields_token(r->a, header_value(r->root, "Precedence"));

    for (size_t i = 0; i < LEN(marks); i++) {
        if (header_find(r->root, marks[i]) != NULL)
            return true;
    }
    for (size_t i = 0; i < LEN(words); i++) {
        if (strcmp(precedence, words[i]) == 0)
            return true;
    }
    return false;
}

static enum automatic kind_of(struct reading *r)
{
    if (report_type_is(r, "feedback-report") || has_type(r, "message/feedback-report"))
        return AUTOMATIC_REPORT;
    if (is_bounce(r))
        return AUTOMATIC_DSN;
    if (is_auto_reply(r))
        return AUTOMATIC_REPLY;
    return is_list(r) ? AUTOMATIC_LIST : AUTOMATIC_NO;
}

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

/* Groups of fields, one for the message, then one a recipient, with empty lines between. */
static const char *failed_recipient(struct reading *r, struct span status)
{
    const char *any = NULL;

    while (status.n > 0) {
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
        if (strcmp(fields_token(r->a, header_value(&group, "Action")), "failed") == 0)
            return address;
        any = any == NULL ? address : any;
    }
    return any;
}

static const char *returned_id(struct reading *r, struct span block)
{
    struct strs ids = {0};
    struct header header = header_read(r->a, block, &r->defects);

    fields_ids(r->a, header_value(&header, "Message-ID"), &ids);
    return ids.n == 0 ? NULL : ids.at[0];
}

/* qmail and others write "<user@domain>:" and put the returned mail into the text. */
static void read_text(struct reading *r, struct span text, struct dsn *dsn)
{
    struct span line;

    while (span_line(&text, &line)) {
        struct span close;
        struct strs ids = {0};

        line = span_trim(line);
        close = span_from(line, span_find(line, '>'));
        if (dsn->recipient == NULL && span_starts(line, "<") && span_starts(close, ">:"))
            dsn->recipient =
                fields_mailbox(r->a, span_first(line, line.n - close.n + 1), &r->defects).address;
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
        dsn->recipient = failed_recipient(r, decoded_body(r, part));
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
    for (size_t i = 0; i < r->s->n && (dsn->recipient == NULL || dsn->message_id == NULL); i++) {
        if (r->s->at[i].n_children == 0 && strcmp(r->s->at[i].type.type, "text/plain") == 0)
            read_text(r, decoded_body(r, &r->s->at[i]), dsn);
    }
    if (dsn->recipient == NULL && failed.n > 0)
        dsn->recipient = fields_mailbox(r->a, failed, &r->defects).address;
}

struct dsn dsn_read(struct arena *a, const struct split *s)
{
    struct reading r = {.a = a, .s = s, .root = &s->at[0].fields};
    struct dsn dsn = {.automatic = kind_of(&r)};

    if (dsn.automatic == AUTOMATIC_DSN)
        read_bounce(&r, &dsn);
    return dsn;
}
