/*
 * take.h - what front and `embargoctl receive` ask for: may a mail come, and: take it.
 *
 * Promises: a mail that was answered DESK_OK is committed, sealed; nothing of its content changed
 * the answer or its time. The same mail again is the same number. Does not: open anything.
 */
#ifndef FLOW_TAKE_H
#define FLOW_TAKE_H

#include "flow/desk.h"

enum {
    TAKE_RECIPIENTS_MAX = 100,
    TAKE_PAUSE_MS = 300, /* before it is opened: else the work would slow the answer down */
};

/* Does a token, a letter's envelope sender or one of our Message-IDs reserve room for the mail? If
 * not, and its headers are all there, strangers' budget is asked: DESK_OVER. That an answer comes
 * in time is the other half. */
MUST_USE bool take_admit(struct desk *desk, const struct desk_request *request,
                         struct desk_answer *ret_answer, struct err *err);

/* mail_fd: sealed memory with the bytes as received. A stranger's mail needs and uses up the budget
 * (DESK_OVER: none left). Lines of the answer live in a. */
MUST_USE bool take_mail(struct desk *desk, struct arena *a, const struct desk_request *request,
                        int mail_fd, struct desk_answer *ret_answer, struct err *err);

#endif
