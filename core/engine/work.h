/*
 * work.h - the rows one decision works on: loaded once, changed by events only, handed back.
 *
 * Promises: a row is read once; two look-ups give the same object. Heads and parties change through
 * work_event alone, so the log and the rows can't differ. A getter that fails makes the work
 * failed and answers "not there"; step then reports the error and throws all of it away, so that
 * nobody in between need care.
 */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "engine/step.h"

struct work_party {
    struct party *party;
    bool dirty;
};

struct work_case {
    struct case_head *head;
    bool dirty;
    bool all; /* every party is loaded */
    struct work_party *parties;
    size_t n_parties;
    size_t parties_room;
};

struct work {
    const struct view *view;
    const struct moment *moment;
    struct arena *a;
    struct err *err;
    bool failed;
    const char *by;   /* whose decision events record: "coordinator aiko" */
    uint64_t message; /* the mail that brought it, evidence of events; 0 none */
    struct changes *changes;
    struct work_case **cases;
    size_t n_cases;
    size_t cases_room;
    struct report **reports;
    size_t n_reports;
    size_t reports_room;
    struct letter **letters;
    size_t n_letters;
    size_t letters_room;
};

/* changes is zeroed; it fills as the work goes. */
void work_start(struct work *w, const struct view *view, const struct moment *moment,
                struct arena *a, struct changes *changes, struct err *err);
/* Puts the heads and parties that changed into changes. False: a getter failed (err). */
MUST_USE bool work_finish(struct work *w);

/* ---- cases ---- */

struct work_case *work_case(struct work *w, uint64_t number);        /* NULL: no such case */
struct work_case *work_case_open(struct work *w, const char *title); /* the next number */
struct party *work_party(struct work *w, struct work_case *c, uint32_t n);
void work_all_parties(struct work *w, struct work_case *c);
struct party *work_party_of_org(struct work *w, struct work_case *c, const struct org *org);
struct party *work_party_of_coordinator(struct work *w, struct work_case *c,
                                        const struct contact *coordinator);

/* Appends the event (version, seq, at; by and message unless they are set) and applies it. */
void work_event(struct work *w, struct work_case *c, const struct event *event);
/* A new party from the event's fields; its number is set here. */
struct party *work_add_party(struct work *w, struct work_case *c, const struct event *event);

/* ---- reports, letters, mails, codes, Message-IDs ---- */

struct report *work_report(struct work *w, uint64_t number);
struct report *work_report_new(struct work *w);
void work_report_changed(struct work *w, struct report *report);

struct letter *work_letter(struct work *w, uint64_t number);
struct letter *work_letter_keep(struct work *w, struct letter *letter); /* the one object for it */
struct letter *work_letter_new(struct work *w);
/* Letters of one send, those that this decision planned too. */
void work_letters_of_send(struct work *w, struct work_case *c, uint32_t send,
                          struct letter ***ret_at, size_t *ret_n);
void work_letter_changed(struct work *w, struct letter *letter);

struct mail *work_mail(struct work *w, uint64_t number);
void work_mail_changed(struct work *w, struct mail *mail);

struct code *work_code(struct work *w, const char *code);
const char *work_code_new(struct work *w, const struct code *row);
void work_code_changed(struct work *w, const char *code, const struct code *row);

struct tally *work_tally(struct work *w, const char *name); /* never NULL; what changes is kept */

struct known_id *work_known_id(struct work *w, const char *message_id);
/* Replaces what was known of it. */
void work_id(struct work *w, const char *message_id, const struct known_id *row);

#endif
