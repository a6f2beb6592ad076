/*
 * embargod-front - the milter: translates libmilter's callbacks to a session, and its replies back.
 *
 * It has no store, no key and no parser. Callbacks of one connection may run on different threads,
 * so all state hangs on the context.
 */
#include <grp.h>
#include <libmilter/mfapi.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "milter/program.h"
#include "milter/session.h"

enum { DRAIN_SECONDS = 20, SOCKET_BACKLOG = 200, MILTER_TIMEOUT_SECONDS = 600 };

static const struct options *front_options;
static atomic_long front_busy; /* end-of-message callbacks that are running */

static struct session *session_of(SMFICTX *ctx)
{
    return smfi_getpriv(ctx);
}

static void end_session(SMFICTX *ctx)
{
    session_free(session_of(ctx));
    smfi_setpriv(ctx, NULL);
}

static sfsistat say(SMFICTX *ctx, const char *code, const char *extended, const char *text)
{
    char mutable_code[4];
    char mutable_extended[10];
    char mutable_text[200];

    snprintf(mutable_code, sizeof(mutable_code), "%s", code);
    snprintf(mutable_extended, sizeof(mutable_extended), "%s", extended);
    snprintf(mutable_text, sizeof(mutable_text), "%s", text);
    if (smfi_setreply(ctx, mutable_code, mutable_extended, mutable_text) != MI_SUCCESS)
        log_warning("the reply %s could not be set", code);
    return code[0] == '5' ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static sfsistat reply_of(SMFICTX *ctx, enum session_reply reply)
{
    switch (reply) {
    case SESSION_CONTINUE:
        return SMFIS_CONTINUE;
    case SESSION_UNRELATED:
    case SESSION_TAKEN:
        return SMFIS_ACCEPT;
    case SESSION_TAKEN_ALL:
        return SMFIS_DISCARD;
    case SESSION_TOO_LARGE:
        return say(ctx, "552", "5.3.4",
                   "Message is larger than this desk takes; send less, or ask for another way");
    case SESSION_TOO_MANY:
        return say(ctx, "452", "4.5.3", "Too many recipients");
    case SESSION_BUSY:
        log_warning("answered 451: %s", session_of(ctx)->err.text);
        return say(ctx, "451", "4.3.2", "Too many messages at once, please try again later");
    case SESSION_OVER:
        log_warning("answered 451: %s", session_of(ctx)->err.text);
        return say(ctx, "451", "4.7.0",
                   "Unknown senders have sent this desk as much as it takes in an hour; please try "
                   "again later");
    case SESSION_LATER:
        break;
    }
    log_warning("answered 451: %s", session_of(ctx)->err.text);
    return say(ctx, "451", "4.3.0", "Temporary failure, please try again later");
}

static uint64_t declared_size(char **args)
{
    uint64_t size = 0;

    for (size_t i = 1; args[0] != NULL && args[i] != NULL; i++) {
        struct span word = span_str(args[i]);

        if (span_starts_nocase(word, "SIZE=") &&
            !text_to_u64(span_from(word, 5), UINT32_MAX, &size))
            size = 0;
    }
    return size;
}

static sfsistat on_sender(SMFICTX *ctx, char **args)
{
    struct session *s = session_new(front_options);

    end_session(ctx); /* a transaction that the client gave up without RSET */
    session_sender(s, args[0], declared_size(args));
    smfi_setpriv(ctx, s);
    return SMFIS_CONTINUE;
}

static sfsistat on_recipient(SMFICTX *ctx, char **args)
{
    return reply_of(ctx, session_recipient(session_of(ctx), args[0]));
}

static sfsistat on_data(SMFICTX *ctx)
{
    enum session_reply reply = session_data(session_of(ctx));

    if (reply == SESSION_UNRELATED)
        end_session(ctx);
    return reply_of(ctx, reply);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    return reply_of(ctx, session_header(session_of(ctx), name, value));
}

static sfsistat on_end_of_headers(SMFICTX *ctx)
{
    return reply_of(ctx, session_end_of_headers(session_of(ctx)));
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *chunk, size_t n)
{
    return reply_of(ctx, session_body(session_of(ctx), span_of(chunk, n)));
}

static bool delete_ours(SMFICTX *ctx, struct session *s)
{
    for (size_t i = 0; i < s->ours.n; i++) {
        char *recipient = arena_printf(s->a, "<%s>", s->ours.at[i]);

        if (smfi_delrcpt(ctx, recipient) != MI_SUCCESS)
            return err_set(&s->err, ERR_RETRY, "the MTA did not take a recipient back");
    }
    return true;
}

static sfsistat on_end(SMFICTX *ctx)
{
    struct session *s = session_of(ctx);
    enum session_reply reply;
    const char *queue_id = smfi_getsymval(ctx, (char[]){"i"});
    sfsistat status;

    atomic_fetch_add(&front_busy, 1);
    reply = session_end(s);
    if (reply == SESSION_TAKEN && !delete_ours(ctx, s))
        reply = SESSION_LATER;
    if (reply == SESSION_TAKEN || reply == SESSION_TAKEN_ALL)
        log_info("taken mail=%llu bytes=%llu queue=%s others=%d", (unsigned long long)s->number,
                 (unsigned long long)s->bytes, queue_id == NULL ? "-" : queue_id, s->others);
    status = reply_of(ctx, reply);
    end_session(ctx);
    atomic_fetch_sub(&front_busy, 1);
    return status;
}

static sfsistat on_abort(SMFICTX *ctx)
{
    end_session(ctx);
    return SMFIS_CONTINUE;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
                             unsigned long unused2, unsigned long unused3,
                             unsigned long *ret_actions, unsigned long *ret_steps,
                             unsigned long *ret_unused2, unsigned long *ret_unused3)
{
    unsigned long wanted = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC;

    (void)ctx;
    (void)unused2;
    (void)unused3;
    if ((steps & SMFIP_HDR_LEADSPC) == 0 || (actions & SMFIF_DELRCPT) == 0) {
        log_error("this MTA does not offer what exact header fields and mixed recipients need "
                  "(milter protocol 6); use Postfix 3.x or Sendmail 8.14 or later");
        return SMFIS_REJECT;
    }
    *ret_actions = SMFIF_DELRCPT;
    *ret_steps = steps & wanted;
    *ret_unused2 = 0;
    *ret_unused3 = 0;
    return SMFIS_CONTINUE;
}

static struct smfiDesc description = {
    .xxfi_name = (char[]){"embargod"},
    .xxfi_version = SMFI_VERSION,
    .xxfi_flags = SMFIF_DELRCPT,
    .xxfi_envfrom = on_sender,
    .xxfi_envrcpt = on_recipient,
    .xxfi_header = on_header,
    .xxfi_eoh = on_end_of_headers,
    .xxfi_body = on_body,
    .xxfi_eom = on_end,
    .xxfi_abort = on_abort,
    .xxfi_close = on_abort,
    .xxfi_data = on_data,
    .xxfi_negotiate = on_negotiate,
};

/* The MTA's group may use a Unix socket; nobody else. */
static bool open_to_mta(const struct options *o, struct err *err)
{
    struct span path = span_str(o->milter_socket);
    const struct group *group;
    const char *file;

    if (!span_starts(path, "unix:") && !span_starts(path, "local:"))
        return true;
    file = o->milter_socket + span_find(path, ':') + 1;
    if (o->milter_socket_group[0] == '\0')
        return true;
    group = getgrnam(o->milter_socket_group);
    if (group == NULL || chown(file, (uid_t)-1, group->gr_gid) != 0 || chmod(file, 0660) != 0)
        return err_set(err, ERR_OPERATOR,
                       "milter-socket-group = \"%s\": %s can't be given to this group",
                       o->milter_socket_group, file);
    return true;
}

static bool listen_for_mta(const struct options *o, struct err *err)
{
    char socket_name[4096];

    snprintf(socket_name, sizeof(socket_name), "%s", o->milter_socket);
    smfi_setbacklog(SOCKET_BACKLOG);
    smfi_settimeout(MILTER_TIMEOUT_SECONDS);
    if (smfi_setconn(socket_name) != MI_SUCCESS || smfi_register(description) != MI_SUCCESS ||
        smfi_opensocket(true) != MI_SUCCESS)
        return err_set(
            err, ERR_OPERATOR,
            "milter-socket = \"%s\" can't be opened; is the path (at most 107 characters) "
            "writable, the port free?",
            o->milter_socket);
    return open_to_mta(o, err);
}

/* smfi_main returns on SIGTERM while callbacks run: their replies still reach the MTA. */
static void drain(void)
{
    for (int i = 0; i < DRAIN_SECONDS * 10 && atomic_load(&front_busy) > 0; i++)
        usleep(100 * 1000);
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *file = program_argument(argc, argv, "config");
    struct options *options;
    struct err err;

    program_start("embargod-front");
    if (file == NULL || !options_read(a, file, &options, &err)) {
        if (file == NULL)
            err_set(&err, ERR_OPERATOR, "embargod starts this program, with --config FILE");
        return program_failed(&err);
    }
    clock_use_file(options->clock_file);
    front_options = options;
    if (!listen_for_mta(options, &err))
        return program_failed(&err);
    program_ready();
    if (smfi_main() != MI_SUCCESS)
        return EX_SOFTWARE;
    drain();
    return EX_OK;
}
