/*
 * options.h - the configuration file, read once and checked whole.
 *
 * Promises: one table row per option (name, kind, default, check); every mistake is named with file
 * and line and what to write instead. Does not: read the directory or templates (world.h).
 */
#ifndef FLOW_OPTIONS_H
#define FLOW_OPTIONS_H

#include "base/err.h"
#include "model/address.h"
#include "model/limits.h"

enum { OPTIONS_COORDINATORS_MAX = 200, OPTIONS_UIDS_MAX = 64 };

/* Who runs which program (users.h). */
enum user_kind { USER_DESK, USER_OPEN, USER_VERIFY, USER_SEAL, USER_KEYS, USER_KINDS };

/* Which local users act as this coordinator over the control socket. */
struct option_coordinator {
    const char *slug;
    unsigned uids[OPTIONS_UIDS_MAX];
    size_t n_uids;
};

struct options {
    const char *file;
    const char *desk_name;
    struct desk_addresses addresses;
    const char *hostname;
    const char *state_directory;
    const char *key_directory;
    const char *run_directory;
    const char *template_directory;
    const char *vendor_list;             /* names that the public knows; "": none */
    const char *site_template_directory; /* empty: none */
    const char *libexec_directory;
    const char *users[USER_KINDS]; /* names */
    const char *milter_socket;
    const char *milter_socket_group; /* "": leave the group alone */
    const char *submit_host;
    long submit_port;
    long own_hops;
    const char *authserv_id;
    bool auth_results_stripped;
    int64_t send_delay;      /* seconds */
    long message_size_limit; /* bytes */
    long open_attempts;      /* failures that are not the mail's fault, then it is filed unopened */
    struct limits limits;    /* of what one mail may cost; limits.mail is message_size_limit */
    bool auto_answer;
    long answers_per_person; /* a day */
    long answers_per_domain;
    long answers_in_all;
    bool terms_before_details;
    bool two_persons;
    const char *language;
    const char *zone;       /* of those who have none of their own; IANA name */
    const char *clock_file; /* "": the true time */
    long worker_count;      /* 0: one per core */
    long session_limit;     /* milter sessions with mail of ours at once */
    long session_reserve;   /* of them, that strangers can't take */
    long stranger_mails;    /* that they may hand in within an hour */
    long stranger_bytes;
    struct option_coordinator *coordinators;
    size_t n_coordinators;
};

MUST_USE bool options_read(struct arena *a, const char *file, struct options **ret_options,
                           struct err *err);

/* What a configuration that says nothing would give: directories, users, limits. */
void options_defaults(struct options *ret_options);

/* run-directory/name */
char *options_run_path(struct arena *a, const struct options *o, const char *name);

/* The slug of the coordinator that uid is: as (may be NULL) picks one where it is several. NULL:
 * none; *ret_several: it is several and as was NULL. */
const char *options_coordinator(const struct options *o, unsigned uid, const char *as,
                                bool *ret_several);

#endif
