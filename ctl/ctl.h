/*
 * ctl.h - embargoctl: what all its verbs share.
 *
 * Promises: one table of verbs; each verb is a function in the file of its noun and gives the exit
 * code (sysexits: 0 done, 64 usage, 65 refused, 66 no such file, 69 no daemon, 75 later, 77 not
 * yours). Results go to standard output, everything else to standard error.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <sysexits.h>

#include "flow/options.h"
#include "store/store.h"
#include "wire/protocol.h"

enum { CTL_VALUES_MAX = 64, CTL_FILE_MAX = 64 * 1024 * 1024 };

/* One --name of a verb. */
struct ctl_option {
    const char *name;  /* without the dashes */
    const char *value; /* what stands behind it, for the help; NULL: a switch */
    const char *help;
};

/* A command line, taken apart. */
struct ctl {
    struct arena *a;
    const char *config;
    const char *as;
    bool json;
    const struct verb *verb;
    struct strs words; /* what is no option, behind the verb */
    struct {
        const char *name;
        const char *value;
    } given[CTL_VALUES_MAX];
    size_t n_given;
    struct options *options; /* read before the verb runs, if it wants them */
    struct err err;
};

struct verb {
    const char *name;  /* "org add" */
    const char *words; /* for the help: "SLUG" */
    size_t min;        /* number of words */
    size_t max;
    bool no_config; /* runs without a configuration file */
    const char *help;
    int (*run)(struct ctl *ctl);
    struct ctl_option options[12];
};

extern const struct verb *const verb_tables[]; /* ends with NULL */
extern const struct verb verbs_setup[];        /* each ends with name NULL */
extern const struct verb verbs_directory[];
extern const struct verb verbs_amend[];
extern const struct verb verbs_terms[];
extern const struct verb verbs_query[];
extern const struct verb verbs_order[];
extern const struct verb verbs_mail[];
extern const struct verb verbs_open[];
extern const struct verb verbs_trace[];
extern const struct verb verbs_template[];
extern const struct verb verbs_preview[];

/* The verb check. */
int ctl_check(struct ctl *ctl);

/* Value of --name: the last one given, or NULL. */
const char *ctl_value(const struct ctl *ctl, const char *name);
/* All values of --name, in order. */
struct strs ctl_values(const struct ctl *ctl, const char *name);

/* Prints "embargoctl: <text>" and gives code. */
int ctl_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for ctl->err: EX_TEMPFAIL for ERR_RETRY, EX_UNAVAILABLE for ERR_GONE, else EX_CONFIG. */
int ctl_error(struct ctl *ctl);

/* At most max bytes from the start of a file, or of standard input for "-". */
MUST_USE bool ctl_read_start(struct ctl *ctl, const char *path, size_t max, struct span *ret_bytes);
/* A whole file; an error if it is larger than any of ours. */
MUST_USE bool ctl_read_file(struct ctl *ctl, const char *path, struct span *ret_bytes);

/* ---- the daemon ---- */

/* Asks it; ret_json (may be NULL) gets what came as JSON, the caller's reference. False: ctl->err.
 */
MUST_USE bool ctl_ask(struct ctl *ctl, const struct desk_request *request, int fd,
                      struct desk_answer *ret_answer, json_t **ret_json);
/* Prints an answer's lines (to standard error unless it is "ok") and gives the exit code. */
int ctl_answer(struct ctl *ctl, const struct desk_answer *answer);
/* Tells a running daemon that the directory changed; none is fine. */
void ctl_wake(struct ctl *ctl);

/* ---- the store ---- */

/* Root becomes the desk's user first (ctl_as_desk), so that nothing of root's is left in it. */
MUST_USE bool ctl_store(struct ctl *ctl, struct store **ret_store);

/* Root acts as the desk's user until ctl_as_root; files named on the command line are still read as
 * root. Not root: both do nothing. */
MUST_USE bool ctl_as_desk(struct ctl *ctl);
void ctl_as_root(void);

#endif
