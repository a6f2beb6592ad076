#include "engine/identify.h"

/* The opener's claim, as far as a claim goes: never as good as proven. */
static enum trust_level claimed_trust(const struct arrival *arrival)
{
    enum trust_level trust = arrival->message ? arrival->message->trust : TRUST_CLAIMED;
    if (arrival->proof.trust == TRUST_BAD || trust == TRUST_BAD)
        return TRUST_BAD;
    if (arrival->proof.trust == TRUST_VERIFIED && !arrival->proof.inside_encryption)
        return TRUST_CLAIMED; /* who forwarded it, not who wrote it */
    return trust >= TRUST_SIGNED && !arrival->contested ? TRUST_SIGNED : TRUST_CLAIMED;
}

static bool has_proof(const struct arrival *arrival)
{
    const struct proof *proof = &arrival->proof;
    bool chain = !arrival->message || arrival->message->single_chain;
    /* The opener saw more seals than the one that was proven: a bad one among them is enough. */
    bool bad = arrival->message && arrival->message->trust == TRUST_BAD;
    return !bad && proof->trust == TRUST_VERIFIED && proof->inside_encryption && proof->signer &&
           chain && !arrival->contested;
}

void identify(struct work *w, const struct arrival *arrival, struct author *ret_author)
{
    struct author author = {.trust = claimed_trust(arrival), .by = "desk"};
    const struct directory *dir = w->view->directory;
    if (has_proof(arrival)) {
        author.proven = true;
        author.signer = arrival->proof.signer;
        author.contact = directory_contact_key(dir, author.signer);
    }
    if (author.contact) {
        author.org = directory_org(dir, author.contact->org);
        author.who = author.org->role == ORG_DESK ? FOR_COORDINATOR : FOR_VENDOR;
        author.trust = arrival->proof.unproven ? TRUST_CLAIMED : TRUST_VERIFIED;
        author.by = author.who == FOR_COORDINATOR
                        ? arena_printf(w->a, "coordinator %s", author.contact->slug)
                        : author.org->slug;
    }
    *ret_author = author;
}
