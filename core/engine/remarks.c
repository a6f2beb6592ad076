#include "engine/remarks.h"

#include "base/text.h"
#include "engine/names.h"
#include "model/damage.h"
#include "model/form.h"

enum { ADDRESS_SHOWN = 100, DMARC_SHOWN = 20 };

static const char *shown(struct work *w, const char *address)
{
    return text_one_line(w->a, span_str(address ? address : "no address"), ADDRESS_SHOWN);
}

static const char *through_copy(struct work *w, const struct arrival *arrival,
                                const struct spot *spot)
{
    const struct party *party = work_party(w, spot->c, spot->party);
    const char *from = arrival->message ? arrival->message->from : NULL;
    const char *name = party_name(w, spot->c, party);
    if (party->org && from && directory_address_of(w->view->directory, party->org, from))
        return arena_printf(w->a, "not signed; through %s's copy, from an address of %s", name,
                            name);
    if (party->kind == PARTY_REPORTER && from && party->address &&
        span_eq_nocase(span_str(from), party->address))
        return "not signed; through the reporter's copy, from the reporter's address";
    return arena_printf(w->a, "not signed; through %s's copy, sender not known (%s)", name,
                        shown(w, from));
}

static const char *trust_line(struct work *w, const struct arrival *arrival,
                              const struct author *author, const struct spot *spot)
{
    const char *by = author->who ? author->by : "the reporter's key";
    if (author->trust == TRUST_VERIFIED)
        return arena_printf(w->a, "signed by %s", by);
    if (author->proven && arrival->proof.unproven && author->trust == TRUST_CLAIMED)
        return arena_printf(w->a, "signed by %s, but %s", by, arrival->proof.unproven);
    if (spot->how == SPOT_TOKEN)
        return through_copy(w, arrival, spot);
    switch (author->trust) {
    case TRUST_BAD:
        return "its signature is not valid";
    case TRUST_SIGNED:
        return "signed by a key that the desk does not know";
    default:
        return "nothing proves who wrote it";
    }
}

static void add_warnings(struct work *w, const struct arrival *arrival, const struct author *author,
                         const struct spot *spot, struct strs *lines)
{
    const struct proof *proof = &arrival->proof;
    const char *from = arrival->message ? arrival->message->from : NULL;
    if (spot->c && spot->how == SPOT_NAMED)
        strs_add(w->a, lines,
                 author->trust == TRUST_VERIFIED
                     ? "unplaced: its author takes no part in this case; File places it"
                     : "unplaced: it names this case and proves nothing; File places it");
    if (arrival->contested)
        strs_add(w->a, lines,
                 "contested: the same sealed content came in another message; one is a copy");
    if (proof->trust == TRUST_VERIFIED && !proof->inside_encryption)
        strs_add(w->a, lines,
                 "the signature lies outside the encryption: it says who forwarded, not who wrote");
    if (!arrival->message)
        strs_add(w->a, lines, "it could not be opened; its bytes are kept as they came");
    if (arrival->mail->like)
        strs_add(w->a, lines,
                 arena_printf(w->a, "like message %llu", (unsigned long long)arrival->mail->like));
    if (author->contact && from && !span_eq_nocase(span_str(from), author->contact->email) &&
        !directory_address_of(w->view->directory, author->contact->org, from))
        strs_add(w->a, lines, arena_printf(w->a, "From is %s, not the signer's", shown(w, from)));
}

/* What was broken on the way, and by whom: so that coordinators can tell their correspondent. */
static void add_repairs(struct work *w, const struct message *m, struct strs *lines)
{
    for (size_t i = 0; m && i < m->repairs.n; i++) {
        const char *words = damage_words(m->repairs.at[i]);
        if (words)
            strs_add(w->a, lines, arena_printf(w->a, "repaired: %s", words));
    }
}

/* Seals that a person has to know more of than their status. */
static const struct {
    const char *name;
    const char *words;
} seal_notes[] = {
    {"from-differs", "its From outside is not the one inside the seal"},
    {"recipient-unknown",
     "encrypted to other keys than the desk's: its sender needs the desk's key"},
    {"pgp-symmetric", "encrypted with a passphrase, which the desk does not have"},
    {"pgp-v6", "a form of OpenPGP (version 6) that can't be read here"},
    {"pgp-librepgp", "a form of OpenPGP (LibrePGP) that may not be read here"},
    {"algorithm-unsupported", "sealed with an algorithm that can't be used here"},
    {"not-encrypted", "it calls itself encrypted, and is not"},
    {"crl-not-checked",
     "the signer's certificate may have been revoked: no list of its authority is at hand"},
    {"crl-expired",
     "the signer's certificate may have been revoked: the list of its authority is old"},
};

/* Limits behind which something of the mail was not looked at (limits.h, open.h). */
static const char *const limit_names[] = {
    "too-large",
    "too-deep",
    "too-many-parts",
    "too-many-layers",
    "too-many-seals",
    "too-many-keys",
    "decompressed-too-large",
    "decompressing-too-long",
    "header-too-large",
    "decoded-too-large",
    "text-cut",
};

static void add_limits(struct work *w, const struct message *m, struct strs *lines)
{
    for (size_t i = 0; m && i < LEN(limit_names); i++)
        if (strs_has(&m->defects, limit_names[i]))
            strs_add(w->a, lines,
                     arena_printf(
                         w->a, "not all of it was looked at (%s); its bytes are kept as they came",
                         limit_names[i]));
}

static void add_seal_notes(struct work *w, const struct message *m, struct strs *lines)
{
    for (size_t i = 0; m && i < LEN(seal_notes); i++)
        if (strs_has(&m->defects, seal_notes[i].name))
            strs_add(w->a, lines, seal_notes[i].words);
}

/* What the site's own server says of an unsigned mail's From (RFC 7489): shown, never a proof. */
static void add_dmarc(struct work *w, const struct message *m, const struct author *author,
                      struct strs *lines)
{
    if (m && m->dmarc && author->trust < TRUST_SIGNED)
        strs_add(w->a, lines,
                 arena_printf(w->a, "DMARC for its From: %s",
                              text_one_line(w->a, span_str(m->dmarc), DMARC_SHOWN)));
}

static const char *answer_words(enum form_answer answer)
{
    switch (answer) {
    case FORM_UNANSWERED:
        return "not answered";
    case FORM_NO:
        return "no";
    case FORM_UNCLEAR:
        return "not a clear answer";
    case FORM_YES:
        return "yes";
    }
    return "";
}

/* A form proves nothing, so its yes needs a person; anything else is taken at its word. */
static void add_form(struct work *w, const struct message *m, struct strs *lines)
{
    enum form_answer share = form_answer(m, "share_release");
    enum form_answer credit = form_answer(m, "credit_release");
    if (!form_is_report(m))
        return;
    strs_add(
        w->a, lines,
        share == FORM_YES
            ? "its form: vendors may learn who reported; it takes \"Share: named from\" and the "
              "piece"
            : arena_printf(w->a, "its form: vendors do not learn who reported (%s)",
                           answer_words(share)));
    strs_add(w->a, lines,
             credit == FORM_YES
                 ? "its form: wants public credit; it takes \"Credit: named from\" and the piece"
                 : arena_printf(w->a, "its form: no public credit (%s)", answer_words(credit)));
    if (form_comments(m).n > 0)
        strs_add(w->a, lines, "its form: has comments that vendors do not get");
}

void remarks(struct work *w, const struct arrival *arrival, const struct author *author,
             const struct spot *spot, struct strs *ret_lines)
{
    strs_add(w->a, ret_lines, trust_line(w, arrival, author, spot));
    if (arrival->message && arrival->message->automatic != AUTOMATIC_NO)
        strs_add(w->a, ret_lines,
                 arena_printf(w->a, "sent by a machine (%s)",
                              automatic_words[arrival->message->automatic]));
    if (arrival->registration)
        strs_add(w->a, ret_lines,
                 "a registration: check who it is by other means before anything is believed");
    if (arrival->message)
        add_form(w, arrival->message, ret_lines);
    add_warnings(w, arrival, author, spot, ret_lines);
    add_dmarc(w, arrival->message, author, ret_lines);
    add_seal_notes(w, arrival->message, ret_lines);
    add_limits(w, arrival->message, ret_lines);
    add_repairs(w, arrival->message, ret_lines);
}
