#include "flow/options.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/text.h"

enum option_kind {
    OPTION_TEXT,
    OPTION_NUMBER,
    OPTION_LIMIT,
    OPTION_YES_NO,
    OPTION_LIST,
    OPTION_DURATION
};

struct option_row {
    const char *name;
    enum option_kind kind;
    const char *text; /* default, as it would be written */
    size_t offset;    /* in struct options */
    long min;         /* numbers */
    long max;
};

#define TEXT(name_, member_, default_)                            \
    {                                                             \
        .name = (name_), .kind = OPTION_TEXT, .text = (default_), \
        .offset = offsetof(struct options, member_)               \
    }
#define NUMBER(name_, member_, default_, min_, max_)                              \
    {                                                                             \
        .name = (name_), .kind = OPTION_NUMBER, .text = (default_),               \
        .offset = offsetof(struct options, member_), .min = (min_), .max = (max_) \
    }
#define LIMIT(name_, member_, default_, min_, max_)                               \
    {                                                                             \
        .name = (name_), .kind = OPTION_LIMIT, .text = (default_),                \
        .offset = offsetof(struct options, member_), .min = (min_), .max = (max_) \
    }
#define YES_NO(name_, member_, default_)                            \
    {                                                               \
        .name = (name_), .kind = OPTION_YES_NO, .text = (default_), \
        .offset = offsetof(struct options, member_)                 \
    }

static const struct option_row rows[] = {
    TEXT("desk-name", desk_name, ""),
    {.name = "addresses", .kind = OPTION_LIST, .offset = offsetof(struct options, addresses.all)},
    TEXT("address-form", file, "plus"), /* a word: read_form puts it where it belongs */
    TEXT("reply-domain", addresses.reply_domain, ""),
    TEXT("register-address", addresses.register_address, ""),
    TEXT("key-address", addresses.key_address, ""),
    TEXT("hostname", hostname, ""),
    TEXT("state-directory", state_directory, EMBARGOD_STATE_DIR),
    TEXT("key-directory", key_directory, EMBARGOD_STATE_DIR "-keys"),
    TEXT("run-directory", run_directory, "/run/embargod"),
    TEXT("template-directory", template_directory, EMBARGOD_DATA_DIR "/templates"),
    TEXT("vendor-list", vendor_list, EMBARGOD_DATA_DIR "/vendors.txt"),
    TEXT("site-template-directory", site_template_directory, ""),
    TEXT("libexec-directory", libexec_directory, EMBARGOD_LIBEXEC_DIR),
    TEXT("user", users[USER_DESK], "embargod"),
    TEXT("open-user", users[USER_OPEN], "embargod-open"),
    TEXT("verify-user", users[USER_VERIFY], "embargod-verify"),
    TEXT("seal-user", users[USER_SEAL], "embargod-seal"),
    TEXT("keys-user", users[USER_KEYS], "embargod-keys"),
    TEXT("milter-socket", milter_socket, "unix:/run/embargod/sock/milter.sock"),
    TEXT("milter-socket-group", milter_socket_group, ""),
    TEXT("submit-host", submit_host, "127.0.0.1"),
    NUMBER("submit-port", submit_port, "25", 1, 65535),
    NUMBER("own-hops", own_hops, "1", 0, 20),
    TEXT("authserv-id", authserv_id, ""),
    YES_NO("auth-results-stripped", auth_results_stripped, "no"),
    {.name = "send-delay",
     .kind = OPTION_DURATION,
     .text = "10m",
     .offset = offsetof(struct options, send_delay)},
    NUMBER("message-size-limit", message_size_limit, "52428800", 1024, 200 * 1024 * 1024),
    LIMIT("limit-header-bytes", limits.header, "262144", 4096, 1024 * 1024),
    LIMIT("limit-line-bytes", limits.line, "1048576", 998, 200 * 1024 * 1024),
    LIMIT("limit-parts", limits.parts, "1000", 10, 5000),
    LIMIT("limit-depth", limits.depth, "50", 2, 100),
    LIMIT("limit-comment-depth", limits.comments, "50", 1, 200),
    LIMIT("limit-decoded-bytes", limits.decoded, "134217728", 1024 * 1024, 512 * 1024 * 1024),
    LIMIT("limit-decompressed-bytes", limits.decompressed, "104857600", 1024 * 1024,
          256 * 1024 * 1024),
    LIMIT("limit-wrapped-keys", limits.wrapped_keys, "64", 1, 1000),
    LIMIT("limit-seconds", limits.seconds, "30", 5, 300),
    NUMBER("open-attempts", open_attempts, "25", 2, 1000),
    YES_NO("terms-before-details", terms_before_details, "no"),
    YES_NO("two-persons", two_persons, "no"),
    TEXT("language", language, "en"),
    TEXT("zone", zone, "UTC"),
    TEXT("clock-file", clock_file, ""),
    NUMBER("worker-count", worker_count, "0", 0, 64),
    YES_NO("auto-answer", auto_answer, "yes"),
    NUMBER("answers-per-person", answers_per_person, "1", 1, 1000),
    NUMBER("answers-per-domain", answers_per_domain, "20", 1, 100000),
    NUMBER("answers-in-all", answers_in_all, "200", 1, 1000000),
    NUMBER("session-limit", session_limit, "40", 2, 1000),
    NUMBER("session-reserve", session_reserve, "10", 1, 999),
    NUMBER("stranger-mails-per-hour", stranger_mails, "1000", 1, 1000000),
    NUMBER("stranger-bytes-per-hour", stranger_bytes, "2147483648", 1024 * 1024, 1L << 40),
};

/* libconfuse reports through a callback without context: reading happens once, before threads. */
static char confuse_said[ERR_TEXT_MAX];

static PRINTF_LIKE(2, 0) void confuse_error(cfg_t *cfg, const char *fmt, va_list args)
{
    char what[ERR_TEXT_MAX / 2];

    if (confuse_said[0] != '\0')
        return; /* the first mistake is the one to mend */
    vsnprintf(what, sizeof(what), fmt, args);
    snprintf(confuse_said, sizeof(confuse_said), "line %d: %s", cfg == NULL ? 0 : cfg->line, what);
}

static cfg_opt_t confuse_option(const struct option_row *row)
{
    if (row->kind == OPTION_LIST)
        return (cfg_opt_t)CFG_STR_LIST(row->name, "{}", CFGF_NONE);
    return (cfg_opt_t)CFG_STR(row->name, row->text, CFGF_NONE);
}

static bool wrong(const struct options *o, const char *name, const char *value, const char *cure,
                  struct err *err)
{
    return err_set(err, ERR_OPERATOR, "%s: %s = \"%s\": %s", o->file, name, value, cure);
}

static bool read_number(const struct options *o, const struct option_row *row, const char *value,
                        uint64_t *ret_n, struct err *err)
{
    uint64_t n;
    char cure[100];

    snprintf(cure, sizeof(cure), "write a number from %ld to %ld", row->min, row->max);
    if (!text_to_u64(span_str(value), (uint64_t)row->max, &n) || (long)n < row->min)
        return wrong(o, row->name, value, cure, err);
    *ret_n = n;
    return true;
}

static bool read_yes_no(struct options *o, const struct option_row *row, const char *value,
                        struct err *err)
{
    bool yes = strcmp(value, "yes") == 0;

    if (!yes && strcmp(value, "no") != 0)
        return wrong(o, row->name, value, "write yes or no", err);
    *(bool *)((char *)o + row->offset) = yes;
    return true;
}

static void read_list(struct arena *a, struct options *o, const struct option_row *row, cfg_t *cfg)
{
    struct strs *list = (struct strs *)((char *)o + row->offset);

    for (unsigned i = 0; i < cfg_size(cfg, row->name); i++)
        strs_add(a, list, arena_strdup(a, cfg_getnstr(cfg, row->name, i)));
}

static bool read_row(struct arena *a, struct options *o, const struct option_row *row, cfg_t *cfg,
                     struct err *err)
{
    const char *value = row->kind == OPTION_LIST ? "" : cfg_getstr(cfg, row->name);
    void *at = (char *)o + row->offset;
    uint64_t n;

    switch (row->kind) {
    case OPTION_LIST:
        read_list(a, o, row, cfg);
        return true;
    case OPTION_NUMBER:
        if (!read_number(o, row, value, &n, err))
            return false;
        *(long *)at = (long)n;
        return true;
    case OPTION_LIMIT:
        return read_number(o, row, value, at, err);
    case OPTION_YES_NO:
        return read_yes_no(o, row, value, err);
    case OPTION_DURATION:
        return text_to_duration(span_str(value), at) ||
               wrong(o, row->name, value, "write a time such as 10m, 3s or 1h", err);
    case OPTION_TEXT:
        if (strcmp(row->name, "address-form") != 0)
            *(const char **)at = arena_strdup(a, value);
        return true;
    }
    return true;
}

static bool read_form(struct options *o, cfg_t *cfg, struct err *err)
{
    const char *word = cfg_getstr(cfg, "address-form");

    for (size_t i = 0; i < LEN(address_form_words); i++) {
        if (strcmp(word, address_form_words[i]) == 0) {
            o->addresses.form = (enum address_form)i;
            return true;
        }
    }
    return wrong(o, "address-form", word, "write plus, subdomain or none", err);
}

static bool read_coordinator(struct arena *a, struct options *o, cfg_t *section, struct err *err)
{
    struct option_coordinator *c = &o->coordinators[o->n_coordinators++];

    c->slug = arena_strdup(a, cfg_title(section));
    for (unsigned i = 0; i < cfg_size(section, "uid"); i++) {
        long uid = cfg_getnint(section, "uid", i);

        if (uid < 0 || uid > UINT32_MAX - 1 || c->n_uids == OPTIONS_UIDS_MAX)
            return err_set(err, ERR_OPERATOR, "%s: coordinator %s: uid takes at most %d user ids",
                           o->file, c->slug, OPTIONS_UIDS_MAX);
        c->uids[c->n_uids++] = (unsigned)uid;
    }
    return true;
}

static bool read_coordinators(struct arena *a, struct options *o, cfg_t *cfg, struct err *err)
{
    unsigned n = cfg_size(cfg, "coordinator");

    if (n > OPTIONS_COORDINATORS_MAX)
        return err_set(err, ERR_OPERATOR, "%s: more than %d coordinators", o->file,
                       OPTIONS_COORDINATORS_MAX);
    o->coordinators = ARENA_ARRAY(a, n, struct option_coordinator);
    for (unsigned i = 0; i < n; i++) {
        if (!read_coordinator(a, o, cfg_getnsec(cfg, "coordinator", i), err))
            return false;
    }
    return true;
}

static bool clean_addresses(struct arena *a, struct options *o, struct err *err)
{
    if (o->addresses.all.n == 0)
        return err_set(err, ERR_OPERATOR,
                       "%s: addresses is missing: write addresses = {\"security@your.domain\"}",
                       o->file);
    for (size_t i = 0; i < o->addresses.all.n; i++) {
        const char *clean = address_clean(a, span_str(o->addresses.all.at[i]));

        if (clean == NULL)
            return wrong(o, "addresses", o->addresses.all.at[i], "that is no mail address", err);
        o->addresses.all.at[i] = clean;
    }
    if (o->addresses.form == ADDRESS_SUBDOMAIN && o->addresses.reply_domain[0] == '\0')
        return err_set(err, ERR_OPERATOR,
                       "%s: address-form = subdomain needs reply-domain = \"reply.your.domain\"",
                       o->file);
    return true;
}

static bool fill(struct arena *a, struct options *o, cfg_t *cfg, struct err *err)
{
    for (size_t i = 0; i < LEN(rows); i++) {
        if (!read_row(a, o, &rows[i], cfg, err))
            return false;
    }
    if (!read_form(o, cfg, err) || !read_coordinators(a, o, cfg, err) ||
        !clean_addresses(a, o, err))
        return false;
    if (o->session_reserve >= o->session_limit)
        return err_set(
            err, ERR_OPERATOR,
            "%s: session-reserve must be smaller than session-limit, or no stranger gets in",
            o->file);
    o->limits.mail = (uint64_t)o->message_size_limit;
    if (o->desk_name[0] == '\0')
        o->desk_name = o->addresses.all.at[0];
    if (o->hostname[0] == '\0') {
        char *name = arena_alloc(a, 256);

        o->hostname = gethostname(name, 255) == 0 ? name : "localhost";
    }
    return true;
}

bool options_read(struct arena *a, const char *file, struct options **ret_options, struct err *err)
{
    cfg_opt_t coordinator[] = {CFG_INT_LIST("uid", "{}", CFGF_NONE), CFG_END()};
    cfg_opt_t all[LEN(rows) + 2];
    struct options *o = ARENA_NEW(a, struct options);
    cfg_t *cfg;
    int outcome;
    bool good;

    for (size_t i = 0; i < LEN(rows); i++)
        all[i] = confuse_option(&rows[i]);
    all[LEN(rows)] = (cfg_opt_t)CFG_SEC("coordinator", coordinator, CFGF_MULTI | CFGF_TITLE);
    all[LEN(rows) + 1] = (cfg_opt_t)CFG_END();
    confuse_said[0] = '\0';
    cfg = cfg_init(all, CFGF_NONE);
    if (cfg == NULL)
        return err_set(err, ERR_RETRY, "no memory for the configuration");
    cfg_set_error_function(cfg, confuse_error);
    o->file = arena_strdup(a, file);
    outcome = cfg_parse(cfg, file);
    if (outcome == CFG_FILE_ERROR)
        good = err_sys(err, ERR_OPERATOR, errno, "can't read the configuration %s", file);
    else if (outcome != CFG_SUCCESS)
        good = err_set(err, ERR_OPERATOR, "%s: %s", file, confuse_said);
    else
        good = fill(a, o, cfg, err);
    cfg_free(cfg);
    if (good)
        *ret_options = o;
    return good;
}

void options_defaults(struct options *ret_options)
{
    struct options o = {.file = "", .limits = limits_default};

    for (size_t i = 0; i < LEN(rows); i++) {
        if (rows[i].kind == OPTION_TEXT && strcmp(rows[i].name, "address-form") != 0)
            *(const char **)((char *)&o + rows[i].offset) = rows[i].text;
    }
    *ret_options = o;
}

char *options_run_path(struct arena *a, const struct options *o, const char *name)
{
    return arena_printf(a, "%s/%s", o->run_directory, name);
}

static bool is_uid(const struct option_coordinator *c, unsigned uid)
{
    for (size_t i = 0; i < c->n_uids; i++) {
        if (c->uids[i] == uid)
            return true;
    }
    return false;
}

const char *options_coordinator(const struct options *o, unsigned uid, const char *as,
                                bool *ret_several)
{
    const char *found = NULL;

    *ret_several = false;
    for (size_t i = 0; i < o->n_coordinators; i++) {
        const struct option_coordinator *c = &o->coordinators[i];

        if (!is_uid(c, uid) || (as != NULL && strcmp(as, c->slug) != 0))
            continue;
        if (found != NULL) {
            *ret_several = true;
            return NULL;
        }
        found = c->slug;
    }
    return found;
}
