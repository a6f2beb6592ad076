/*
 * values.h - the template variables of a letter that need no redaction.
 *
 * Promises: pure; sets every variable of template/variables.h that the letter's rows give. Texts of
 * others (pieces, the copied message) are not among them: compose redacts and adds those.
 */
#ifndef FLOW_VALUES_H
#define FLOW_VALUES_H

#include "flow/world.h"
#include "template/value.h"

struct values_in {
    const struct world *world;
    const struct letter *letter;
    const struct contact *contact; /* NULL: a reporter */
    const struct party *party;     /* NULL: none */
    const struct case_head *head;  /* NULL: not in a case */
    const char *summary;           /* of the case, as this reader may read it */
    struct party *const *parties;
    size_t n_parties;
    const struct report *report;   /* NULL: not in a report */
    const struct mail *mail;       /* what a copy is about, or NULL */
    const struct message *message; /* its opened form, or NULL */
    struct letter *const *held;    /* what is held of the send that the letter tells of */
    size_t n_held;
    const char *mark;
    const char *calendar_id;
    const char *language; /* the reader's */
    const char *key_problem;
};

struct tvalue *values_make(struct arena *a, const struct values_in *in);

#endif
