/*
 * letters.h - a letter on its way out: what is drawn at the first try, and what handing over
 * commits.
 *
 * Promises: pure. Message-ID, Date, VERP token and subject tag are drawn once and stay, so that a
 * repeat is the same letter; no two letters share a value. Handing over judges again, inside the
 * transaction, whether the letter may still go.
 *
 * What a letter row carries, by template:
 *   vendor-notice, vendor-digest, partner-report
 *                                 pieces, parts: what the reader may see already; code
 *   vendor-invite, key-needed     nothing of the case; invite: code
 *   case-update, reply-shared     pieces or parts that were shared; text: one line of news; code
 *   tell, advisory-draft          text; code
 *   embargo-proposed, -agreed     text: the date, RFC 3339 UTC
 *   report-declined               text: the reason
 *   coordinator-copy              about: the mail; lines: what the desk says of it (trust first);
 *                                 code for the ready block of place
 *   coordinator-held              lines: the letter, and the way out; or of_send: what of it is
 *                                 held when the message is made
 *   coordinator-confirm           lines: what another coordinator wants; text: whose letters go
 *                                 then ("S5", "L97"); of_send; what it shows is made when it goes
 *   preview                       text: whose letter is shown ("acme", "reporter-3", "all", "L97",
 *                                 "S5"), and the template if one was named; what it shows is made
 * when it goes command-result                lines: what was done, or the mistakes; reason
 * "refused" when nothing was done; code in_reply_to is set where a letter answers one mail; else it
 * follows the reader's thread.
 */
#ifndef ENGINE_LETTERS_H
#define ENGINE_LETTERS_H

#include "engine/step.h"

/* Draws what the letter lacks: message_id, date, verp, subject_tag. The caller's copy only;
 * letter_hand_over commits it. */
void letter_draw(struct arena *a, const struct policy *policy, const struct moment *moment,
                 struct letter *letter);

/* What was made of a letter, ready for the MTA. */
struct hand_over {
    const struct letter *letter; /* as drawn and sealed; pieces and parts as composed */
    const char *address;         /* where it goes */
    const char *key;             /* fingerprint it was encrypted to; NULL: no details in it */
    const char *digest;          /* hex SHA-256 of the sealed bytes */
    uint64_t sealed;             /* blob */
};

/* Inside the transaction, before the MTA sees anything: state handing-over, attempts, the exposure
 * event, Message-ID. *ret_go false: the letter may not go (any more): it was stopped or held, its
 * reader was removed or excluded; ret_changes then says what became of it. A letter that is handed
 * over again (after a crash, a temporary failure) gives no second exposure of the same bytes.
 * False: a row could not be read. */
MUST_USE bool letter_hand_over(const struct view *view, const struct hand_over *hand,
                               const struct moment *moment, struct arena *a,
                               struct changes *ret_changes, bool *ret_go, struct err *err);

/* The seconds to wait after the n-th try that failed for now. */
int64_t letter_back_off(uint32_t attempts);

#endif
