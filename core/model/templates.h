/*
 * templates.h - the letters that decisions plan, by the names of their templates, and what each of
 * them may tell.
 *
 * Promises: one table, the only one: whether a letter may leave unencrypted, and whether it may go
 * to an org that has not accepted the terms, is asked here by who plans it, by who reads its
 * template (shipped, or a site's) and by who lets it go. Does not: know what a template says.
 */
#ifndef MODEL_TEMPLATES_H
#define MODEL_TEMPLATES_H

#include "base/base.h"

#define TEMPLATE_VENDOR_NOTICE "vendor-notice"
#define TEMPLATE_VENDOR_INVITE "vendor-invite"
#define TEMPLATE_VENDOR_DIGEST "vendor-digest"
#define TEMPLATE_CASE_UPDATE "case-update"
#define TEMPLATE_CASE_WITHDRAWN "case-withdrawn"
#define TEMPLATE_SENT_IN_ERROR "sent-in-error"
#define TEMPLATE_REPORT_RECEIVED "report-received"
#define TEMPLATE_REPORT_UNDECRYPTABLE "report-undecryptable"
#define TEMPLATE_REPORT_DECLINED "report-declined"
#define TEMPLATE_REPLY_SHARED "reply-shared"
#define TEMPLATE_TELL "tell"
#define TEMPLATE_EMBARGO_PROPOSED "embargo-proposed"
#define TEMPLATE_EMBARGO_AGREED "embargo-agreed"
#define TEMPLATE_KEY_NEEDED "key-needed"
#define TEMPLATE_KEY_EXPIRING "key-expiring"
#define TEMPLATE_VENDOR_REMINDER "vendor-reminder"
#define TEMPLATE_EMBARGO_REMINDER "embargo-reminder"
#define TEMPLATE_EMBARGO_EXITED "embargo-exited"
#define TEMPLATE_ADVISORY_DRAFT "advisory-draft"
#define TEMPLATE_CASE_PUBLISHED "case-published"
#define TEMPLATE_PARTNER_REPORT "partner-report"
#define TEMPLATE_REGISTRATION_RECEIVED "registration-received"
#define TEMPLATE_REGISTRATION_APPROVED "registration-approved"
#define TEMPLATE_DESK_KEY "desk-key"
#define TEMPLATE_COORDINATOR_COPY "coordinator-copy"
#define TEMPLATE_COORDINATOR_HELD "coordinator-held"
#define TEMPLATE_COORDINATOR_CONFIRM "coordinator-confirm"
#define TEMPLATE_COMMAND_RESULT "command-result"
#define TEMPLATE_PREVIEW "preview"

enum template_tells {
    TELLS_NOTHING, /* nothing of any case: it leaves unencrypted */
    TELLS_CASE,    /* that there is a case, its number and dates: also before terms are accepted */
    TELLS_DETAILS, /* title, summary, pieces, who is in it */
};

/* The most that the letter may tell; TELLS_DETAILS for a name that is not in the table. */
enum template_tells template_tells(const char *name);

#endif
