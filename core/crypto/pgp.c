#include "crypto/pgp.h"

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/address.h"

enum {
    FINGERPRINT_BYTES = 20, /* v4: SHA-1 over the key packet */
    KEYS_MAX = 65536,       /* keys and subkeys in one set */
    USER_ID_MAX = 2048,     /* bytes of a user id that is kept */
    CRC24_INIT = 0xb704ce,
    CRC24_POLY = 0x1864cfb,
    ARMOR_LINE = 64,
};

/* --- packets ------------------------------------------------------------------------------- */

/* A new-format length (RFC 4880 4.2.2). */
static bool new_length(struct span *rest, size_t *ret_n, bool *ret_partial)
{
    unsigned first;

    if (rest->n < 1)
        return false;
    first = rest->at[0];
    *ret_partial = first >= 224 && first < 255;
    if (first < 192) {
        *ret_n = first;
        *rest = span_from(*rest, 1);
    } else if (first < 224) {
        if (rest->n < 2)
            return false;
        *ret_n = ((size_t)(first - 192) << 8) + rest->at[1] + 192;
        *rest = span_from(*rest, 2);
    } else if (first < 255) {
        *ret_n = (size_t)1 << (first & 31);
        *rest = span_from(*rest, 1);
    } else {
        if (rest->n < 5)
            return false;
        *ret_n = (size_t)rest->at[1] << 24 | (size_t)rest->at[2] << 16 | (size_t)rest->at[3] << 8 |
                 rest->at[4];
        *rest = span_from(*rest, 5);
    }
    return *ret_n <= rest->n;
}

static bool next_new(struct span *rest, struct pgp_packet *p)
{
    bool partial = true;
    bool first = true;

    while (partial) {
        size_t n;

        if (!new_length(rest, &n, &partial))
            return false;
        if (first)
            p->body = span_first(*rest, n);
        first = false;
        *rest = span_from(*rest, n);
    }
    return true;
}

/* An old-format length (4.2.1); the indeterminate one reaches to the end. */
static bool next_old(struct span *rest, unsigned type, struct pgp_packet *p)
{
    size_t width = type == 0 ? 1 : type == 1 ? 2 : 4;
    size_t n = 0;

    if (type == 3) {
        p->body = *rest;
        *rest = span_from(*rest, rest->n);
        return true;
    }
    if (rest->n < width)
        return false;
    for (size_t i = 0; i < width; i++)
        n = n << 8 | rest->at[i];
    *rest = span_from(*rest, width);
    if (n > rest->n)
        return false;
    p->body = span_first(*rest, n);
    *rest = span_from(*rest, n);
    return true;
}

bool pgp_next(struct span *rest, struct pgp_packet *ret_packet)
{
    struct span at = *rest;
    struct pgp_packet p = {0};
    unsigned head;
    bool read;

    if (at.n < 2 || (at.at[0] & 0x80) == 0)
        return false;
    head = at.at[0];
    at = span_from(at, 1);
    if ((head & 0x40) != 0) {
        p.tag = head & 63;
        read = next_new(&at, &p);
    } else {
        p.tag = head >> 2 & 15;
        read = next_old(&at, head & 3, &p);
    }
    if (!read)
        return false;
    p.whole = span_first(*rest, rest->n - at.n);
    *rest = at;
    *ret_packet = p;
    return true;
}

/* --- armor --------------------------------------------------------------------------------- */

/* The lines between the armor's headers and its end, without the checksum. */
static bool armor_body(struct span in, struct buf *body)
{
    struct span line;
    bool in_headers = true;

    while (span_line(&in, &line)) {
        line = span_trim(line);
        if (span_starts(line, "-----END PGP "))
            return span_trim(in).n == 0;
        if (in_headers && line.n > 0 && span_find(line, ':') < line.n)
            continue;
        in_headers = false;
        if (line.n > 0 && line.at[0] == '=')
            continue;
        buf_add_span(body, line);
    }
    return false;
}

bool pgp_dearmor(struct arena *a, struct span in, struct span *ret_binary)
{
    struct span rest = span_trim(in);
    struct span first;
    struct buf body;

    if (in.n > 0 && (in.at[0] & 0x80) != 0) {
        *ret_binary = in;
        return true;
    }
    if (!span_line(&rest, &first) || !span_starts(first, "-----BEGIN PGP ") ||
        span_starts(first, "-----BEGIN PGP SIGNED MESSAGE"))
        return false;
    body = buf_new(a, in.n);
    if (!armor_body(rest, &body))
        return false;
    return text_from_base64(a, buf_span(&body), ret_binary) && ret_binary->n > 0;
}

static uint32_t crc24(struct span s)
{
    uint32_t crc = CRC24_INIT;

    for (size_t i = 0; i < s.n; i++) {
        crc ^= (uint32_t)s.at[i] << 16;
        for (int bit = 0; bit < 8; bit++) {
            crc <<= 1;
            if ((crc & 0x1000000) != 0)
                crc ^= CRC24_POLY;
        }
    }
    return crc & 0xffffff;
}

struct span pgp_armor(struct arena *a, const char *what, struct span binary)
{
    struct buf out = buf_new(a, binary.n * 2 + 1024);
    uint32_t crc = crc24(binary);
    unsigned char sum[3] = {(unsigned char)(crc >> 16), (unsigned char)(crc >> 8),
                            (unsigned char)crc};
    struct span rest = span_str(text_base64(a, binary, 0));

    buf_printf(&out, "-----BEGIN %s-----\n\n", what);
    while (rest.n > 0) {
        struct span line = span_first(rest, ARMOR_LINE);

        buf_add_span(&out, line);
        buf_add_char(&out, '\n');
        rest = span_from(rest, line.n);
    }
    buf_printf(&out, "=%s\n-----END %s-----\n", text_base64(a, span_of(sum, sizeof(sum)), 0), what);
    return buf_span(&out);
}

bool pgp_is_clearsigned(struct span in)
{
    struct span rest = span_trim(in);
    struct span end = span_str("-----END PGP SIGNATURE-----");

    if (!span_starts(rest, "-----BEGIN PGP SIGNED MESSAGE-----"))
        return false;
    return span_find_span(rest, end) == rest.n - end.n;
}

/* --- messages ------------------------------------------------------------------------------ */

/* What may follow what: the grammar of RFC 4880 11.3, as far as it shows without unpacking. */
struct shape_scan {
    size_t session_keys;
    size_t encrypted;
    size_t signatures; /* before the content */
    size_t one_pass;
    size_t content;
    size_t trailing; /* signatures after the content */
    bool broken;
};

static void scan_packet(struct shape_scan *scan, uint32_t tag)
{
    switch (tag) {
    case PGP_MARKER:
        return;
    case PGP_PKESK:
    case PGP_SKESK:
        scan->session_keys++;
        scan->broken |= scan->encrypted + scan->signatures + scan->one_pass + scan->content > 0;
        return;
    case PGP_ENCRYPTED_PLAIN:
    case PGP_ENCRYPTED_MDC:
    case PGP_ENCRYPTED_AEAD:
        scan->encrypted++;
        scan->broken |=
            scan->encrypted > 1 || scan->signatures + scan->one_pass + scan->content > 0;
        return;
    case PGP_ONE_PASS:
        scan->one_pass++;
        scan->broken |= scan->content > 0;
        return;
    case PGP_COMPRESSED:
    case PGP_LITERAL:
        scan->content++;
        scan->broken |= scan->content > 1 || scan->session_keys + scan->encrypted > 0;
        return;
    case PGP_SIGNATURE:
        if (scan->content > 0)
            scan->trailing++;
        else
            scan->signatures++;
        scan->broken |= scan->session_keys + scan->encrypted > 0;
        return;
    default:
        scan->broken = true;
    }
}

enum pgp_shape pgp_shape(struct span binary)
{
    struct shape_scan scan = {0};
    struct pgp_packet p;

    while (!scan.broken && pgp_next(&binary, &p))
        scan_packet(&scan, p.tag);
    if (scan.broken || binary.n > 0 || scan.one_pass != scan.trailing)
        return PGP_SHAPE_BROKEN;
    if (scan.encrypted == 1)
        return PGP_SHAPE_ENCRYPTED;
    if (scan.session_keys > 0)
        return PGP_SHAPE_BROKEN;
    if (scan.content == 1)
        return scan.one_pass + scan.signatures > 0 ? PGP_SHAPE_SIGNED : PGP_SHAPE_PLAIN;
    return scan.signatures > 0 ? PGP_SHAPE_SIGNATURES : PGP_SHAPE_BROKEN;
}

bool pgp_begins_encrypted(struct span binary)
{
    uint32_t tag;

    if (binary.n == 0 || (binary.at[0] & 0x80) == 0)
        return false;
    tag = (binary.at[0] & 0x40) != 0 ? binary.at[0] & 63 : binary.at[0] >> 2 & 15;
    return tag == PGP_PKESK || tag == PGP_SKESK || tag == PGP_ENCRYPTED_PLAIN ||
           tag == PGP_ENCRYPTED_MDC || tag == PGP_ENCRYPTED_AEAD;
}

bool pgp_lacks_mdc(struct span binary)
{
    struct pgp_packet p;

    while (pgp_next(&binary, &p))
        if (p.tag == PGP_ENCRYPTED_PLAIN)
            return true;
    return false;
}

bool pgp_is_newer(struct span binary)
{
    struct pgp_packet p;

    while (pgp_next(&binary, &p))
        if (p.tag == PGP_ENCRYPTED_MDC)
            return p.body.n > 0 && p.body.at[0] != 1;
    return false;
}

static const char *form_of(const struct pgp_packet *p)
{
    unsigned version = p->body.n == 0 ? 0 : p->body.at[0];

    switch (p->tag) {
    case PGP_ENCRYPTED_AEAD:
        return "pgp-librepgp";
    case PGP_ENCRYPTED_MDC:
        return version == 2 ? "pgp-v6" : NULL;
    case PGP_PKESK:
    case PGP_SKESK:
    case PGP_SIGNATURE:
    case PGP_ONE_PASS:
        return version == 6 ? "pgp-v6" : version == 5 ? "pgp-librepgp" : NULL;
    default:
        return NULL;
    }
}

void pgp_name_forms(struct arena *a, struct span binary, struct strs *names)
{
    bool passphrase = false;
    bool key = false;
    struct pgp_packet p;

    while (pgp_next(&binary, &p)) {
        const char *name = form_of(&p);

        passphrase = passphrase || p.tag == PGP_SKESK;
        key = key || p.tag == PGP_PKESK;
        if (name != NULL && !strs_has(names, name))
            strs_add(a, names, name);
    }
    if (passphrase && !key)
        strs_add(a, names, "pgp-symmetric");
}

struct span pgp_without_passphrases(struct arena *a, struct span binary)
{
    struct buf out = buf_new(a, binary.n + 1);
    struct span rest = binary;
    struct pgp_packet p;
    bool any = false;

    while (pgp_next(&rest, &p)) {
        any = any || p.tag == PGP_SKESK;
        if (p.tag != PGP_SKESK)
            buf_add_span(&out, p.whole);
    }
    return any ? buf_span(&out) : binary;
}

bool pgp_has_recipient(struct span binary)
{
    struct pgp_packet p;

    while (pgp_next(&binary, &p))
        if (p.tag == PGP_PKESK)
            return true;
    return false;
}

struct strs pgp_recipients(struct arena *a, struct span binary)
{
    struct strs ids = {0};
    struct pgp_packet p;

    while (pgp_next(&binary, &p))
        if (p.tag == PGP_PKESK && p.body.n >= 9 && p.body.at[0] == 3)
            strs_add(a, &ids, text_hex(a, span_of(p.body.at + 1, 8), true));
    return ids;
}

/* --- keys ---------------------------------------------------------------------------------- */

static const char *fingerprint_of(struct arena *a, struct span body)
{
    unsigned char head[3] = {0x99, (unsigned char)(body.n >> 8), (unsigned char)body.n};
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool made;

    made = md != NULL && EVP_DigestInit_ex(md, EVP_sha1(), NULL) == 1 &&
           EVP_DigestUpdate(md, head, sizeof(head)) == 1 &&
           EVP_DigestUpdate(md, body.at, body.n) == 1 && EVP_DigestFinal_ex(md, digest, &n) == 1;
    EVP_MD_CTX_free(md);
    return made && n == FINGERPRINT_BYTES ? text_hex(a, span_of(digest, n), true) : NULL;
}

bool pgp_is_key(struct arena *a, struct span body, const char *fingerprint)
{
    const char *found;

    if (body.n < 8 || body.n > UINT16_MAX || body.at[0] != 4)
        return false;
    found = fingerprint_of(a, body);
    return found != NULL && strcmp(found, fingerprint) == 0;
}

static const char *curve_name(struct arena *a, struct span material)
{
    static const struct {
        const char *oid; /* its length, then its bytes, in hex */
        const char *name;
    } curves[] = {
        {"092B06010401DA470F01", "ed25519"},
        {"0A2B060104019755010501", "cv25519"},
        {"082A8648CE3D030107", "nistp256"},
        {"052B81040022", "nistp384"},
        {"052B81040023", "nistp521"},
        {"092B2403030208010107", "brainpoolp256r1"},
        {"092B240303020801010B", "brainpoolp384r1"},
        {"092B240303020801010D", "brainpoolp512r1"},
        {"052B8104000A", "secp256k1"},
    };

    if (material.n < 1 || material.n < (size_t)material.at[0] + 1)
        return "ec";
    for (size_t i = 0; i < LEN(curves); i++)
        if (strcmp(curves[i].oid, text_hex(a, span_first(material, material.at[0] + 1U), true)) ==
            0)
            return curves[i].name;
    return "ec";
}

/* body is a v4 key packet: version, 4 bytes of time, algorithm, key material. */
static const char *algorithm_of(struct arena *a, struct span body)
{
    struct span material = span_from(body, 6);
    unsigned bits = material.n < 2 ? 0 : (unsigned)material.at[0] << 8 | material.at[1];

    switch (body.at[5]) {
    case 1:
    case 2:
    case 3:
        return arena_printf(a, "rsa%u", bits);
    case 16:
    case 20:
        return arena_printf(a, "elg%u", bits);
    case 17:
        return arena_printf(a, "dsa%u", bits);
    case 18:
    case 19:
    case 22:
        return curve_name(a, material);
    default:
        return arena_printf(a, "algorithm-%u", body.at[5]);
    }
}

static void add_block(struct arena *a, struct pgp_keys *keys)
{
    size_t room = keys->blocks_room;
    size_t same = room;

    keys->addresses = arena_grow(a, keys->addresses, keys->n_blocks, &same, sizeof(struct strs));
    same = room;
    keys->user_ids = arena_grow(a, keys->user_ids, keys->n_blocks, &same, sizeof(struct strs));
    ARENA_GROW(a, keys->blocks, keys->n_blocks, keys->blocks_room);
    keys->blocks[keys->n_blocks] = (struct span){0};
    keys->addresses[keys->n_blocks] = (struct strs){0};
    keys->user_ids[keys->n_blocks] = (struct strs){0};
    keys->n_blocks++;
}

static bool add_key(struct arena *a, struct pgp_keys *keys, const struct pgp_packet *p)
{
    bool primary = p->tag == PGP_PUBLIC_KEY;
    struct pgp_key key = {0};

    if (p->body.n < 8 || p->body.n > UINT16_MAX || p->body.at[0] != 4 || keys->n >= KEYS_MAX)
        return false;
    key.fingerprint = fingerprint_of(a, p->body);
    if (key.fingerprint == NULL)
        return false;
    if (primary)
        add_block(a, keys);
    key.owner = keys->n_blocks - 1;
    key.primary = key.fingerprint;
    for (size_t i = 0; !primary && i < keys->n; i++)
        if (keys->at[i].owner == key.owner) {
            key.primary = keys->at[i].primary;
            break;
        }
    key.algorithm = algorithm_of(a, p->body);
    ARENA_GROW(a, keys->at, keys->n, keys->room);
    keys->at[keys->n++] = key;
    return true;
}

/* "Name <addr>" or "addr"; NULL if there is none. */
static const char *address_in(struct arena *a, struct span user_id)
{
    struct span id = span_trim(user_id);
    size_t open = id.n;

    for (size_t i = 0; i < id.n; i++)
        if (id.at[i] == '<')
            open = i;
    if (open < id.n && id.at[id.n - 1] == '>')
        id = span_of(id.at + open + 1, id.n - open - 2);
    return span_find(id, ' ') < id.n ? NULL : address_clean(a, id);
}

static void add_user_id(struct arena *a, struct pgp_keys *keys, struct span id)
{
    const char *address;

    id = span_first(id, USER_ID_MAX);
    strs_add(a, &keys->user_ids[keys->n_blocks - 1], text_one_line(a, id, USER_ID_MAX));
    address = address_in(a, id);
    if (address != NULL && !strs_has(&keys->addresses[keys->n_blocks - 1], address))
        strs_add(a, &keys->addresses[keys->n_blocks - 1], address);
}

bool pgp_keys_add(struct arena *a, struct pgp_keys *keys, struct span bytes)
{
    size_t before = keys->n_blocks;
    bool inside = false; /* a public key whose parts we are reading */
    struct pgp_packet p;
    struct span rest;

    if (!pgp_dearmor(a, bytes, &rest))
        return false;
    while (pgp_next(&rest, &p)) {
        keys->secret = keys->secret || p.tag == PGP_SECRET_KEY || p.tag == PGP_SECRET_SUBKEY;
        if (p.tag == PGP_PUBLIC_KEY || p.tag == PGP_SECRET_KEY)
            inside = p.tag == PGP_PUBLIC_KEY && add_key(a, keys, &p);
        else if (inside && p.tag == PGP_PUBLIC_SUBKEY)
            add_key(a, keys, &p);
        else if (inside && p.tag == PGP_USER_ID)
            add_user_id(a, keys, p.body);
        if (inside) {
            struct span *block = &keys->blocks[keys->n_blocks - 1];

            if (block->at == NULL)
                block->at = p.whole.at;
            block->n = (size_t)(p.whole.at + p.whole.n - block->at);
        }
    }
    return keys->n_blocks > before && rest.n == 0;
}

const struct pgp_key *pgp_keys_find(const struct pgp_keys *keys, const char *id)
{
    size_t n = strlen(id);

    if (n < 16)
        return NULL;
    for (size_t i = 0; i < keys->n; i++) {
        const char *fingerprint = keys->at[i].fingerprint;
        size_t has = strlen(fingerprint);

        if (n <= has && strcmp(fingerprint + has - n, id) == 0)
            return &keys->at[i];
    }
    return NULL;
}
