#include "mime/automatic.h"

#include <strings.h>

#include "mime/charset.h"
#include "mime/decode.h"
#include "mime/fields.h"
#include "mime/html.h"

enum { PHRASE_LINES = 15, PHRASE_TEXT_MAX = 6000 };

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

static bool has_word(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcasestr(text, words[i]) != NULL)
            return true;
    }
    return false;
}

static bool begins_with(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strncasecmp(text, words[i], strlen(words[i])) == 0)
            return true;
    }
    return false;
}

static bool has_field(struct reading *r, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (header_find(r->root, names[i]) != NULL)
            return true;
    }
    return false;
}

static bool has_field_like(struct reading *r, const char *start)
{
    for (size_t i = 0; i < r->root->n; i++) {
        if (span_starts_nocase(r->root->at[i].name, start))
            return true;
    }
    return false;
}

/* --- bounces --------------------------------------------------------------------------------- */

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
                                        "nicht zugestellt",
                                        "zustellung fehlgeschlagen",
                                        "nicht zustellbar",
                                        "mail system error",
                                        "returned to sender",
                                        "warning: could not send",
                                        "配信不能",
                                        "配信エラー",
                                        "配送エラー",
                                        "配信できません",
                                        "配信に失敗",
                                        "送信できません",
                                        "配信遅延"};

    return has_word(subject_of(r), words, LEN(words));
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

/* --- words of autoresponders and ticket systems ------------------------------------------------
 */

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
                                         "autom. antwort",
                                         "abwesen",
                                         "ich bin nicht im b",
                                         "nicht im büro",
                                         "réponse automatique",
                                         "自動返信",
                                         "自動応答",
                                         "【自動返信】",
                                         "[自動返信]",
                                         "【自動応答】",
                                         "自動送信",
                                         "不在通知",
                                         "不在"};

    return begins_with(subject_of(r), starts, LEN(starts));
}

/* "[acme #17] AutoReply: ..." and the like: what follows the ticket's tag. */
static bool subject_of_a_receipt(struct reading *r)
{
    static const char *const words[] = {"autoreply:",
                                        "request received",
                                        "ticket received",
                                        "ticket created",
                                        "case created",
                                        "has been received",
                                        "has been created",
                                        "we have received your",
                                        "we received your",
                                        "acknowledgement of receipt",
                                        "eingangsbestätigung",
                                        "empfangsbestätigung",
                                        "ist eingegangen",
                                        "wurde erstellt",
                                        "受付完了",
                                        "受け付けました",
                                        "受付いたしました",
                                        "受付致しました",
                                        "お問い合わせ受付",
                                        "を受領しました"};

    return has_word(subject_of(r), words, LEN(words));
}

static bool line_of_a_machine(const char *line)
{
    static const char *const words[] = {"this is an automated",
                                        "this is an automatic",
                                        "this is an auto-generated",
                                        "this message was automatically generated",
                                        "this message was generated automatically",
                                        "this email was automatically generated",
                                        "this email is automatically generated",
                                        "has been automatically generated",
                                        "automatically generated in response",
                                        "automatically generated by",
                                        "do not reply to this email",
                                        "do not reply to this message",
                                        "ich bin derzeit nicht im",
                                        "bin ich nicht im büro",
                                        "i am out of the office",
                                        "i am currently out of the office",
                                        "i will be out of the office",
                                        "dies ist eine automatisch",
                                        "diese e-mail wurde automatisch",
                                        "diese nachricht wurde automatisch",
                                        "automatisch generiert",
                                        "automatisch erzeugt",
                                        "automatisch erstellt",
                                        "bitte antworten sie nicht auf diese",
                                        "このメールは自動",
                                        "このメッセージは自動",
                                        "自動的に送信",
                                        "自動送信されて",
                                        "自動返信メール",
                                        "自動配信メール",
                                        "不在にしております",
                                        "休暇をいただいて"};

    return has_word(line, words, LEN(words));
}

/* A short text whose first lines, quotes aside, say that nobody wrote it. */
static bool text_of_a_machine(struct reading *r)
{
    for (size_t i = 0; i < r->s->n && i < AUTOMATIC_PARTS_MAX; i++) {
        struct span text = automatic_text(r->a, &r->s->at[i]);
        struct span line;
        size_t lines = 0;

        if (text.n == 0 || text.n > PHRASE_TEXT_MAX)
            continue;
        while (lines < PHRASE_LINES && span_line(&text, &line)) {
            line = span_trim(line);
            if (line.n == 0 || line.at[0] == '>')
                continue;
            lines++;
            if (line_of_a_machine(span_dup(r->a, line)))
                return true;
        }
        return false;
    }
    return false;
}

/* --- ticket systems -------------------------------------------------------------------------- */

/* RT names who caused a mail: of an acknowledgement that is whom it goes to. */
static bool is_by_an_agent(struct reading *r)
{
    struct span originator = header_value(r->root, "RT-Originator");
    struct mailbox agent = fields_mailbox(r->a, originator, &r->defects);
    struct mailbox to = fields_mailbox(r->a, header_value(r->root, "To"), &r->defects);

    return agent.address != NULL && to.address != NULL &&
           strcasecmp(agent.address, to.address) != 0;
}

enum ticket { TICKET_NO, TICKET_AGENT, TICKET_MACHINE };

static enum ticket ticket_of(struct reading *r)
{
    static const char *const agents[] = {"X-OTRS-AgentID", "X-Zammad-Agent"};
    static const char *const machines[] = {"X-ServiceNow-Generated",
                                           "X-ServiceNow-SysEmail-Version",
                                           "X-Zendesk-From-Account-Id",
                                           "X-Freshdesk-Auto-Response",
                                           "X-OTRS-Loop",
                                           "X-Znuny-Loop"};
    const char *submitted = fields_token(r->a, header_value(r->root, "Auto-Submitted"));

    if (has_field_like(r, "RT-") || has_field_like(r, "X-RT-"))
        return strcmp(submitted, "auto-replied") != 0 && is_by_an_agent(r) ? TICKET_AGENT
                                                                           : TICKET_MACHINE;
    if (has_field(r, agents, LEN(agents)) && submitted[0] == '\0')
        return TICKET_AGENT;
    return has_field_like(r, "X-JIRA") || has_field(r, machines, LEN(machines)) ? TICKET_MACHINE
                                                                                : TICKET_NO;
}

/* --- autoresponders -------------------------------------------------------------------------- */

static bool fields_of_a_reply(struct reading *r)
{
    static const char *const names[] = {"no-reply@", "noreply@", "no_reply@", "donotreply@",
                                        "do-not-reply@"};
    static const char *const marks[] = {"X-Autoreply",
                                        "X-Autorespond",
                                        "X-Auto-Reply",
                                        "X-Autoresponder",
                                        "X-Autoreply-From",
                                        "X-Mail-Autoreply",
                                        "X-Auto-Response-Suppress",
                                        "X-Vacation"};
    const char *submitted = fields_token(r->a, header_value(r->root, "Auto-Submitted"));
    const char *precedence = fields_token(r->a, header_value(r->root, "Precedence"));

    if (submitted[0] != '\0' && strcmp(submitted, "no") != 0)
        return true;
    if (has_null_sender(r) || from_begins(r, names, LEN(names)))
        return true;
    if (strcmp(precedence, "auto_reply") == 0 || strcmp(precedence, "auto-reply") == 0)
        return true;
    return has_field(r, marks, LEN(marks)) || report_type_is(r, "disposition-notification");
}

static bool is_list(struct reading *r)
{
    static const char *const marks[] = {"List-Id",        "List-Post",    "List-Unsubscribe",
                                        "List-Subscribe", "Mailing-List", "X-Mailing-List"};
    static const char *const words[] = {"bulk", "list", "junk"};
    const char *precedence = fields_token(r->a, header_value(r->root, "Precedence"));

    return has_field(r, marks, LEN(marks)) ||
           (precedence[0] != '\0' && begins_with(precedence, words, LEN(words)));
}

enum automatic automatic_kind(struct arena *a, const struct split *s)
{
    struct reading r = {.a = a, .s = s, .root = &s->at[0].fields};
    enum ticket ticket = ticket_of(&r);

    if (report_type_is(&r, "feedback-report") || has_type(&r, "message/feedback-report"))
        return AUTOMATIC_REPORT;
    if (is_bounce(&r))
        return AUTOMATIC_DSN;
    if (ticket == TICKET_AGENT)
        return AUTOMATIC_NO; /* its Precedence and the like are the system's */
    if (ticket == TICKET_MACHINE || fields_of_a_reply(&r))
        return AUTOMATIC_REPLY;
    if (is_list(&r))
        return AUTOMATIC_LIST;
    return subject_of_a_reply(&r) || subject_of_a_receipt(&r) || text_of_a_machine(&r)
               ? AUTOMATIC_REPLY
               : AUTOMATIC_NO;
}

struct span automatic_text(struct arena *a, const struct split_part *part)
{
    bool html = split_is_type(part, "text/html");
    struct strs defects = {0};
    const char *encoding;
    struct span bytes;

    if (part->n_children > 0 || (!html && !split_is_type(part, "text/plain")))
        return span_of("", 0);
    encoding = fields_token(a, header_value(&part->fields, "Content-Transfer-Encoding"));
    bytes = decode_transfer(a, span_first(part->body, 2 * AUTOMATIC_TEXT_MAX), encoding, &defects);
    bytes = span_first(bytes, AUTOMATIC_TEXT_MAX);
    bytes = charset_to_utf8(a, bytes, parameters_value(&part->type, "charset"), &defects);
    return html ? html_to_text(a, bytes, AUTOMATIC_TEXT_MAX, &defects) : bytes;
}
