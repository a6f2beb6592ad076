/* receive: a mail handed in by a delivery agent, when the MTA has no milter in its way. */
#include "ctl/ctl.h"
#include "model/address.h"

enum { MAIL_LINE_END = '\n' };

/* Pipe agents give bare LF: the wire form has CRLF (RFC 5322 2.3), and signatures are over that. */
static struct span with_crlf(struct ctl *ctl, struct span bytes)
{
    struct buf b = buf_new(ctl->a, 2 * bytes.n + 2);

    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.at[i] == MAIL_LINE_END && (i == 0 || bytes.at[i - 1] != '\r'))
            buf_add_char(&b, '\r');
        buf_add_char(&b, (char)bytes.at[i]);
    }
    return buf_span(&b);
}

/* mbox-style agents put a "From " line first, which is no header field. */
static struct span without_from_line(struct span bytes)
{
    struct span line;

    if (span_starts(bytes, "From "))
        span_line(&bytes, &line);
    return bytes;
}

static int say_what_would_be(struct ctl *ctl, const struct desk_request *request, size_t bytes)
{
    static const char *const words[] = {"not the desk's",          "the alias",
                                        "a private reply address", "a letter's sender",
                                        "registrations",           "the key address"};
    bool foreign = false;

    printf("%zu bytes from <%s>\n", bytes, request->sender);
    for (size_t i = 0; i < request->recipients.n; i++) {
        enum address_kind kind =
            address_look(&ctl->options->addresses, span_str(request->recipients.at[i]), NULL);

        printf("to <%s>: %s\n", request->recipients.at[i], words[kind]);
        foreign = foreign || kind == ADDRESS_FOREIGN;
    }
    printf("%s\n", foreign ? "the desk would refuse it" : "the desk would take it");
    return foreign ? EX_DATAERR : EX_OK;
}

static int hand_in(struct ctl *ctl, struct desk_request *request, struct span mail)
{
    struct desk_answer answer = {.number = 0};
    SCOPED(fd_close) int fd = -1;

    if (!memory_seal(mail, &fd, &ctl->err))
        return ctl_error(ctl);
    if (!ctl_ask(ctl, request, fd, &answer, NULL))
        return ctl_fail(EX_TEMPFAIL, "%s", ctl->err.text); /* no daemon: the MTA keeps the mail */
    if (answer.kind == DESK_OK)
        printf("taken as message %llu%s\n", (unsigned long long)answer.number,
               answer.same ? " (it was there already)" : "");
    return ctl_answer(ctl, &answer);
}

static int run_receive(struct ctl *ctl)
{
    const char *sender = ctl_value(ctl, "sender");
    struct desk_request request = {.verb = DESK_TAKE,
                                   .sender = sender == NULL ? "" : sender,
                                   .recipients = ctl_values(ctl, "rcpt"),
                                   .own_hops = (uint32_t)ctl->options->own_hops + 1};
    struct span mail;

    if (request.recipients.n == 0)
        return ctl_fail(EX_USAGE, "receive wants --rcpt ADDRESS");
    if (!ctl_read_file(ctl, ctl->words.at[0], &mail))
        return ctl_error(ctl);
    mail = with_crlf(ctl, without_from_line(mail));
    if (mail.n > (size_t)ctl->options->message_size_limit)
        return ctl_fail(EX_DATAERR, "the mail is larger than message-size-limit");
    if (ctl_value(ctl, "dry-run") != NULL)
        return say_what_would_be(ctl, &request, mail.n);
    return hand_in(ctl, &request, mail);
}

/* clang-format off */
const struct verb verbs_mail[] = {
    {"receive", "FILE|-", 1, 1, false, "hand a mail in, as a delivery agent does", run_receive,
     {{"sender", "ADDRESS", "envelope sender; empty for a bounce"},
      {"rcpt", "ADDRESS", "envelope recipient; may stand several times"},
      {"dry-run", NULL, "say what the desk would do, and do nothing"}}},
    {.name = NULL},
};
/* clang-format on */
