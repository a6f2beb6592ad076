#include "smtp/submit.h"

#include <curl/curl.h>

#include "base/buf.h"
#include "base/text.h"

enum {
    REPLY_MAX = 1024, /* bytes of a reply's text that are kept */
    URL_MAX = 1024,
};

struct submit {
    struct arena *a; /* holds this too */
    CURL *curl;
    char error[CURL_ERROR_SIZE];
};

/* What the callbacks see of one try. */
struct attempt {
    struct span left; /* of the message */
    bool in_letter;   /* MAIL was sent: replies from here on are about this letter */
    bool over;        /* QUIT was sent: what follows is not about it any more */
    int code;         /* of the last line of a reply */
    char reply[REPLY_MAX];
};

/* --- callbacks ------------------------------------------------------------------------------- */

static size_t give_message(char *at, size_t size, size_t n, void *held)
{
    struct attempt *t = held;
    struct span piece = span_first(t->left, size * n);

    memcpy(at, piece.at, piece.n);
    t->left = span_from(t->left, piece.n);
    return piece.n;
}

/* One line of a reply: "250 text" or, before its last line, "250-text". */
static size_t take_reply(char *at, size_t size, size_t n, void *held)
{
    struct attempt *t = held;
    struct span line = span_trim(span_of(at, size * n));
    uint64_t code;

    if (t->over || !text_to_u64(span_first(line, 3), 999, &code) || code < 200)
        return size * n;
    t->code = (int)code;
    line = span_first(span_from(line, 4), REPLY_MAX - 1);
    memcpy(t->reply, line.at, line.n);
    t->reply[line.n] = '\0';
    return size * n;
}

static int watch_commands(CURL *curl, curl_infotype type, char *at, size_t n, void *held)
{
    struct attempt *t = held;

    (void)curl;
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    if (span_starts_nocase(span_of(at, n), "MAIL "))
        t->in_letter = true;
    if (span_starts_nocase(span_of(at, n), "QUIT"))
        t->over = true;
    return 0;
}

/* --- the connection -------------------------------------------------------------------------- */

static bool set_options(struct submit *s, const char *url)
{
    CURL *c = s->curl;
    CURLcode e = curl_easy_setopt(c, CURLOPT_URL, url);

    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp");
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_PROXY, "");
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)SUBMIT_CONNECT_MS);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)SUBMIT_TOTAL_MS);
    e = e != CURLE_OK
            ? e
            : curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)SUBMIT_REPLY_SECONDS);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_READFUNCTION, give_message);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_reply);
    /* Verbose only calls watch_commands; nothing is written anywhere. */
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
    e = e != CURLE_OK ? e : curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, watch_commands);
    return e == CURLE_OK;
}

bool submit_open(const struct submit_config *config, struct submit **ret_submit, struct err *err)
{
    struct arena *a = arena_new();
    SCOPED(submit_close) struct submit *s = ARENA_NEW(a, struct submit);
    bool six = strchr(config->host, ':') != NULL;
    char url[URL_MAX];
    int n;

    s->a = a;
    n = snprintf(url, sizeof(url), "smtp://%s%s%s:%u/%s", six ? "[" : "", config->host,
                 six ? "]" : "", (unsigned)config->port, config->hostname);
    s->curl = curl_easy_init();
    if (s->curl == NULL || n < 0 || (size_t)n >= sizeof(url) || !set_options(s, url))
        return err_set(err, ERR_OPERATOR, "submission to %.100s port %u: bad settings",
                       config->host, (unsigned)config->port);
    *ret_submit = TAKE(s);
    return true;
}

void submit_close(struct submit *s)
{
    if (s == NULL)
        return;
    if (s->curl != NULL)
        curl_easy_cleanup(s->curl);
    arena_free(s->a);
}

/* --- one letter ------------------------------------------------------------------------------ */

static bool is_safe(const char *address)
{
    for (const char *c = address; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '<' || *c == '>')
            return false;
    return true;
}

static bool set_letter(struct submit *s, struct attempt *t, const char *sender,
                       struct curl_slist *to, struct span message, bool fresh)
{
    CURL *c = s->curl;

    *t = (struct attempt){.left = message};
    s->error[0] = '\0';
    return curl_easy_setopt(c, CURLOPT_MAIL_FROM, sender[0] == '\0' ? NULL : sender) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.n) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_READDATA, t) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_DEBUGDATA, t) == CURLE_OK;
}

/* A kept connection that the MTA had closed for idleness says nothing about the letter. */
static bool was_stale(struct submit *s, const struct attempt *t, struct span message, CURLcode e)
{
    long connects = 1;

    curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &connects);
    return e != CURLE_OK && connects == 0 && t->left.n == message.n &&
           (t->code < 400 || t->code == 421);
}

/* "250 2.0.0 Ok: queued as 4Wx1" (Postfix), "250 2.0.0 4AB Message accepted for delivery". */
static const char *queue_id(struct arena *a, const char *reply)
{
    struct span text = span_str(reply);
    struct span sign = span_str("queued as ");
    struct span accepted = span_str(" Message accepted for delivery");
    size_t at = span_find_span(text, sign);
    size_t end = span_find_span(text, accepted);

    if (at < text.n) {
        text = span_from(text, at + sign.n);
        text = span_first(text, span_find(text, ' '));
        return text.n == 0 ? NULL : span_dup(a, text);
    }
    if (end == text.n)
        return NULL;
    text = span_first(text, end);
    while ((at = span_find(text, ' ')) < text.n)
        text = span_from(text, at + 1);
    return text.n == 0 ? NULL : span_dup(a, text);
}

static struct submit_result judge(struct submit *s, struct arena *a, const struct attempt *t,
                                  CURLcode e)
{
    struct submit_result r = {.code = t->code};
    const char *text = t->reply;

    if (e == CURLE_OK) {
        r.outcome = SUBMIT_TAKEN;
        r.queue_id = queue_id(a, t->reply);
    } else if (t->in_letter && t->code >= 500) {
        r.outcome = SUBMIT_PERMANENT;
    } else if (t->code >= 400) {
        /* Also a greeting or EHLO that was refused for good: that is about us, not the letter. */
        r.outcome = SUBMIT_TEMPORARY;
    } else {
        r.outcome = SUBMIT_CONNECTION;
        r.may_be_out = t->in_letter && t->code == 354 && t->left.n == 0;
        text = s->error[0] != '\0' ? s->error : curl_easy_strerror(e);
    }
    r.reply = text_one_line(a, span_str(text), REPLY_MAX);
    return r;
}

bool submit_send(struct submit *s, struct arena *a, const char *sender, const char *recipient,
                 struct span message, struct submit_result *ret_result, struct err *err)
{
    struct curl_slist *to;
    struct attempt t;
    bool set;
    CURLcode e = CURLE_OK;

    if (!is_safe(sender) || !is_safe(recipient) || recipient[0] == '\0')
        return err_set(err, ERR_OPERATOR, "an address that can't stand in SMTP");
    to = curl_slist_append(NULL, recipient);
    if (to == NULL)
        abort();
    set = set_letter(s, &t, sender, to, message, false);
    if (set)
        e = curl_easy_perform(s->curl);
    if (set && was_stale(s, &t, message, e)) {
        set = set_letter(s, &t, sender, to, message, true);
        e = set ? curl_easy_perform(s->curl) : e;
    }
    curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(to);
    if (!set)
        return err_set(err, ERR_RETRY, "libcurl takes no settings");
    *ret_result = judge(s, a, &t, e);
    return true;
}
