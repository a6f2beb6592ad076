#include "base/text.h"
#include "mime/header.h"
#include "mime/repair.h"
#include "open/opener.h"

static bool is_known(const struct message *m, const char *fingerprint)
{
    for (size_t i = 0; i < m->n_keys; i++) {
        if (strcmp(m->keys[i].fingerprint, fingerprint) == 0)
            return true;
    }
    return false;
}

/* What is no single public key is no offer: nothing is said of it. */
static bool add_key(struct opener *o, struct span bytes, struct err *err)
{
    struct crypto_key_facts facts = {.protocol = PROTOCOL_NONE};
    struct message *m = &o->m;
    struct offered_key key;

    if (bytes.n == 0 || bytes.n > CRYPTO_KEY_MAX || o->tries >= OPEN_SEALS_MAX + OPEN_KEYS_MAX)
        return true;
    o->tries++;
    if (!crypto_inspect(o->crypto, o->a, bytes, o->request->now, &facts, err))
        return false;
    if (facts.protocol == PROTOCOL_NONE || is_known(m, facts.fingerprint))
        return true;
    key = (struct offered_key){
        .fingerprint = facts.fingerprint, .protocol = facts.protocol, .addresses = facts.addresses};
    key.bytes = opened_add(o, facts.bytes);
    ARENA_GROW(o->a, m->keys, m->n_keys, m->keys_room);
    m->keys[m->n_keys++] = key;
    return true;
}

/* The next block of a public key whose lines begin at the left: a quoted one is somebody else's. */
static bool next_block(struct span *rest, struct span *ret_block)
{
    const unsigned char *begin = NULL;
    struct span line;

    while (span_line(rest, &line)) {
        line = span_trim(line);
        if (span_eq_str(line, "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
            begin = line.at;
        if (begin == NULL || !span_eq_str(line, "-----END PGP PUBLIC KEY BLOCK-----"))
            continue;
        *ret_block = span_of(begin, (size_t)(line.at + line.n - begin));
        return true;
    }
    return false;
}

static bool named_as_key(const struct part *part)
{
    static const char *const ends[] = {".asc", ".pgp", ".gpg", ".key", ".pub"};
    struct span name = span_str(part->filename);

    for (size_t i = 0; i < LEN(ends); i++) {
        if (name.n > strlen(ends[i]) && span_ends_nocase(name, ends[i]))
            return true;
    }
    return false;
}

/* Blocks that stand among other text: in the mail's own, or in a file whose name says so. */
static bool add_blocks(struct opener *o, const struct part *part, struct span bytes,
                       struct err *err)
{
    struct span block;

    if (part->role != PART_TEXT && !named_as_key(part))
        return true;
    while (next_block(&bytes, &block)) {
        if (!add_key(o, block, err))
            return false;
    }
    return true;
}

static bool may_be_key(const struct part *part, struct span bytes)
{
    static const char *const types[] = {"application/pgp-keys", "application/pkix-cert",
                                        "application/x-x509-user-cert", "application/x-pem-file"};

    for (size_t i = 0; i < LEN(types); i++) {
        if (strcmp(part->type, types[i]) == 0)
            return true;
    }
    /* The first byte of a binary public key's packet (RFC 4880 4.2). */
    if (named_as_key(part) && bytes.n > 0 &&
        (bytes.at[0] == 0x98 || bytes.at[0] == 0x99 || bytes.at[0] == 0xc6))
        return true;
    return repair_pgp_block(bytes) == PGP_BLOCK_KEY ||
           span_starts(span_trim(bytes), "-----BEGIN CERTIFICATE-----");
}

/* "addr=a@b; keydata=<base64, folded>" */
static struct span autocrypt_key(struct opener *o)
{
    struct span rest = span_trim(header_value(&o->payload, "Autocrypt"));
    struct span piece;
    struct span key;

    while (rest.n > 0 && span_split(&rest, ';', &piece)) {
        piece = span_trim(piece);
        if (!span_starts_nocase(piece, "keydata="))
            continue;
        if (text_from_base64(o->a, span_from(piece, strlen("keydata=")), &key))
            return key;
    }
    return span_of("", 0);
}

static bool all_opened(const struct message *m)
{
    for (size_t i = 0; i < m->n_seals; i++) {
        if (m->seals[i].kind == SEAL_ENCRYPTED && m->seals[i].status != SEAL_VALID)
            return false;
    }
    return true;
}

/* The certificate of a good signature (RFC 8551 2.4.2), known or not. */
static bool add_signers(struct opener *o, struct err *err)
{
    for (size_t i = 0; i < o->m.n_seals; i++) {
        const struct signature_facts *facts = o->notes[i].facts;

        if (facts == NULL || o->notes[i].encryptions != o->n_encryptions ||
            !o->m.seals[i].covers_whole ||
            (facts->status != SEAL_VALID && facts->status != SEAL_UNKNOWN_KEY))
            continue;
        if (!add_key(o, facts->certificate, err))
            return false;
    }
    return true;
}

static bool add_certificates(struct opener *o, struct span der, struct err *err)
{
    struct span *at;
    size_t n = crypto_certificates(o->a, der, &at);

    for (size_t i = 0; i < n; i++) {
        if (!add_key(o, at[i], err))
            return false;
    }
    return true;
}

/* A footer may stand beside the one encryption, and what was not opened is not inside of it. */
bool keys_collect(struct opener *o, struct err *err)
{
    if (!o->m.encrypted || !o->m.single_chain || !all_opened(&o->m))
        return true;
    for (size_t i = 0; i < o->m.n_parts; i++) {
        const struct part *part = &o->m.parts[i];
        struct span bytes = span_of(o->opened.at + part->content.offset, part->content.n);

        if (o->part_encryptions[i] != o->n_encryptions)
            continue;
        if (may_be_key(part, bytes) ? !add_key(o, bytes, err) : !add_blocks(o, part, bytes, err))
            return false;
        if (repair_cms_kind(bytes) == CMS_SIGNED && !add_certificates(o, bytes, err))
            return false;
    }
    if (!add_signers(o, err))
        return false;
    return !o->has_payload || o->payload_encryptions != o->n_encryptions ||
           add_key(o, autocrypt_key(o), err);
}
