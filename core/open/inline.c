/*
 * OpenPGP in a text leaf, without any MIME structure: a block may be the whole text or a part of
 * it, and there may be several. The text is cut into pieces; each block is tried, and only if one
 * of them opens does the leaf become a list of pieces. What stands around a block is shown, and no
 * signature covers it.
 */
#include "mime/armor.h"
#include "mime/banner.h"
#include "mime/charset.h"
#include "mime/html.h"
#include "mime/repair.h"
#include "open/opener.h"

#define BEGIN_MESSAGE "-----BEGIN PGP MESSAGE-----"
#define END_MESSAGE "-----END PGP MESSAGE-----"
#define BEGIN_SIGNED "-----BEGIN PGP SIGNED MESSAGE-----"
#define END_SIGNED "-----END PGP SIGNATURE-----"

/* Text with blocks in it. charset NULL: not declared. */
struct inline_text {
    struct span bytes;
    const char *charset;
    bool flowed;
};

struct piece {
    enum pgp_block block; /* PGP_BLOCK_NONE: text around blocks */
    struct span bytes;
    const char *path;
    bool opened;
    struct span content; /* of an opened block */
    struct place_in at;  /* of the content */
};

struct pieces {
    struct piece *at;
    size_t n;
    size_t room;
};

static bool is_line(struct span line, const char *text)
{
    return span_starts(line, text) && span_trim(line).n == strlen(text);
}

static enum pgp_block begins(struct span line)
{
    if (is_line(line, BEGIN_MESSAGE))
        return PGP_BLOCK_MESSAGE;
    return is_line(line, BEGIN_SIGNED) ? PGP_BLOCK_SIGNED : PGP_BLOCK_NONE;
}

static void add_piece(struct opener *o, struct pieces *p, enum pgp_block block, struct span bytes)
{
    if (span_trim(bytes).n == 0)
        return;
    ARENA_GROW(o->a, p->at, p->n, p->room);
    p->at[p->n++] = (struct piece){.block = block, .bytes = bytes};
}

/* A block that begins again before it ended was none. */
static struct pieces cut(struct opener *o, struct span text)
{
    struct pieces p = {.n = 0};
    enum pgp_block inside = PGP_BLOCK_NONE;
    struct span rest = text;
    const unsigned char *from = text.at;  /* of the text before the block */
    const unsigned char *begin = text.at; /* of the block */
    struct span line;

    while (span_line(&rest, &line)) {
        enum pgp_block begun = begins(line);

        if (begun != PGP_BLOCK_NONE) {
            inside = begun;
            begin = line.at;
        } else if (inside != PGP_BLOCK_NONE &&
                   is_line(line, inside == PGP_BLOCK_MESSAGE ? END_MESSAGE : END_SIGNED)) {
            add_piece(o, &p, PGP_BLOCK_NONE, span_of(from, (size_t)(begin - from)));
            add_piece(o, &p, inside, span_trim(span_of(begin, (size_t)(line.at + line.n - begin))));
            from = line.at + line.n;
            inside = PGP_BLOCK_NONE;
        }
    }
    add_piece(o, &p, PGP_BLOCK_NONE, span_of(from, (size_t)(text.at + text.n - from)));
    return p;
}

/* The armor's header field (RFC 4880 6.2), or NULL. */
static const char *armor_charset(struct opener *o, struct span block)
{
    struct span line;

    (void)!span_line(&block, &line);
    while (span_line(&block, &line) && span_trim(line).n > 0) {
        if (span_starts_nocase(line, "Charset:"))
            return span_dup(o->a, span_trim(span_from(line, strlen("Charset:"))));
    }
    return NULL;
}

/* format=flowed puts a blank before lines that begin with one, or with "From " (RFC 3676 4.4). */
static struct span unstuff(struct opener *o, struct span text)
{
    struct buf out = buf_new(o->a, text.n + 2);
    struct span line;

    while (span_line(&text, &line)) {
        buf_add_span(&out, span_from(line, span_starts(line, " ") ? 1 : 0));
        buf_add_char(&out, '\n');
    }
    return buf_span(&out);
}

static bool all_invalid(const struct crypto_verified *v)
{
    for (size_t i = 0; i < v->n_signatures; i++) {
        if (v->signatures[i].status != SEAL_INVALID)
            return false;
    }
    return v->n_signatures > 0;
}

static bool verify_clear(struct opener *o, const struct inline_text *text, struct piece *piece,
                         struct crypto_verified *ret, struct err *err)
{
    struct crypto_verified again = {.n_signatures = 0};
    struct span none = span_of(NULL, 0);
    struct span plain;

    if (!seal_verify(o, PROTOCOL_OPENPGP, piece->bytes, none, ret, err))
        return false;
    if (!text->flowed || !all_invalid(ret))
        return true;
    plain = unstuff(o, piece->bytes);
    if (!seal_verify(o, PROTOCOL_OPENPGP, plain, none, &again, err))
        return false;
    if (again.n_signatures > 0 && !all_invalid(&again)) {
        *ret = again;
        piece->bytes = plain;
        seal_repaired(o, "flowed-stuffing");
    }
    return true;
}

static bool open_signed(struct opener *o, const struct inline_text *text,
                        const struct place_in *place, struct piece *piece, struct err *err)
{
    struct crypto_verified v = {.n_signatures = 0};
    size_t seal;

    if (!verify_clear(o, text, piece, &v, err))
        return false;
    if (v.n_signatures == 0 || v.content.n == 0)
        return true;
    seal =
        seal_add_signatures(o, PROTOCOL_OPENPGP, v.signatures, v.n_signatures, piece->path, place);
    seal_add_object(o, seal, span_of(NULL, 0), piece->bytes);
    piece->at = seal_inside(place, piece->path);
    piece->content = v.content;
    piece->opened = true;
    return true;
}

static bool open_encrypted(struct opener *o, const struct place_in *place, struct piece *piece,
                           struct err *err)
{
    struct crypto_opened opened = {.released = false};

    if (!seal_decrypt(o, PROTOCOL_OPENPGP, piece->bytes, piece->path, place, &opened, &piece->at,
                      err))
        return false;
    piece->content = opened.content;
    piece->opened = opened.released;
    return true;
}

/* Signatures in an attached mail are its own business; what they sign stays as it is. */
static bool open_block(struct opener *o, const struct inline_text *text,
                       const struct place_in *place, struct piece *piece, struct err *err)
{
    bool is_signed = piece->block == PGP_BLOCK_SIGNED ||
                     (piece->block == PGP_BLOCK_MESSAGE &&
                      crypto_pgp_form(o->a, piece->bytes) == CRYPTO_FORM_SIGNED);

    if (piece->block == PGP_BLOCK_NONE || (is_signed && place->attached) || !seal_may_try(o, place))
        return true;
    return is_signed ? open_signed(o, text, place, piece, err)
                     : open_encrypted(o, place, piece, err);
}

static const char *below(struct opener *o, const char *path, size_t n)
{
    return arena_printf(o->a, "%s%s%zu", path, path[0] == '\0' ? "" : ".", n);
}

/* A gateway's warning above the block is not the writer's text: how many pieces are one. */
static size_t banners(struct opener *o, const struct pieces *p)
{
    if (p->n < 2 || p->at == NULL || p->at[0].block != PGP_BLOCK_NONE ||
        banner_length(p->at[0].bytes) < p->at[0].bytes.n)
        return 0;
    seal_repaired(o, "external-banner");
    return 1;
}

/* ret_any: at least one block opened; the seals are in the model, the text is not yet. */
static bool try_pieces(struct opener *o, const struct inline_text *text, const char *path,
                       const struct place_in *place, struct pieces *p, bool *ret_any,
                       struct err *err)
{
    struct place_in here = *place;

    here.whole = place->whole && p->n - banners(o, p) == 1;
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].path = p->n == 1 ? path : below(o, path, i + 1);
        if (!open_block(o, text, &here, &p->at[i], err))
            return false;
        *ret_any = *ret_any || p->at[i].opened;
    }
    return true;
}

/* OpenPGP text is UTF-8 unless something says otherwise; clear-signed text is what the part says.
 */
static const char *charset_of(struct opener *o, const struct inline_text *text,
                              const struct piece *piece)
{
    const char *said = piece->block == PGP_BLOCK_NONE ? NULL : armor_charset(o, piece->bytes);

    if (said != NULL)
        return said;
    return piece->block == PGP_BLOCK_MESSAGE ? NULL : text->charset;
}

static bool add_content(struct opener *o, const struct inline_text *text, const struct piece *piece,
                        struct err *err);

/* Around the text: what was opened is looked at for blocks once more. */
static bool add_pieces(struct opener *o, const struct inline_text *text, const struct pieces *p,
                       const struct place_in *place, struct err *err)
{
    struct place_in beside = *place;
    size_t n_banners = banners(o, p);

    beside.whole = false;
    beside.payload = false;
    for (size_t i = 0; i < p->n; i++) {
        const struct piece *piece = &p->at[i];

        beside.beside = place->beside || i < n_banners;
        if (piece->opened && !add_content(o, text, piece, err))
            return false;
        if (!piece->opened)
            leaf_add_plain(o, piece->bytes, text->charset, piece->path, &beside);
    }
    return true;
}

/* Recursion ends by the number of tries and the depth. */
static bool add_text(struct opener *o, const struct inline_text *text, const struct piece *piece,
                     struct err *err)
{
    struct inline_text inner = {
        .bytes = piece->content, .charset = charset_of(o, text, piece), .flowed = text->flowed};
    struct place_in at = piece->at;
    struct pieces p = cut(o, inner.bytes);
    const char *path = below(o, at.base, 1);
    bool any = false;

    at.depth++;
    if (piece->block == PGP_BLOCK_MESSAGE && !try_pieces(o, &inner, path, &at, &p, &any, err))
        return false;
    if (any)
        return add_pieces(o, &inner, &p, &at, err);
    leaf_add_plain(o, inner.bytes, inner.charset, path, &at);
    return true;
}

static bool add_content(struct opener *o, const struct inline_text *text, const struct piece *piece,
                        struct err *err)
{
    if (piece->block == PGP_BLOCK_MESSAGE && repair_is_entity(piece->content)) {
        seal_repaired(o, "encrypted-as-text");
        return open_entity(o, piece->content, piece->at, err);
    }
    return add_text(o, text, piece, err);
}
static bool is_flowed(const struct split_part *part)
{
    const char *format = parameters_value(&part->type, "format");

    return format != NULL && span_eq_nocase(span_str(format), "flowed");
}

static bool has_begin(struct span text)
{
    struct span line;

    while (span_line(&text, &line)) {
        if (begins(line) != PGP_BLOCK_NONE)
            return true;
    }
    return false;
}

/* What a reader sees of HTML; a block in it has lost nothing but its line ends. */
static struct span html_as_text(struct opener *o, const struct split_part *part)
{
    struct strs ignored = {0}; /* named where the leaf itself is read */
    struct span bytes = leaf_bytes(o, part);
    const char *charset = parameters_value(&part->type, "charset");

    if (span_find_span(bytes, span_str("PGP MESSAGE")) == bytes.n &&
        span_find_span(bytes, span_str("PGP SIGNED")) == bytes.n)
        return span_of("", 0);
    return html_to_text(o->a, charset_to_utf8(o->a, bytes, charset, &ignored), OPEN_TEXT_MAX,
                        &ignored);
}

bool inline_open(struct opener *o, const struct split_part *part, const char *path,
                 const struct place_in *place, bool *ret_opened, struct err *err)
{
    bool html = split_is_type(part, "text/html");
    struct inline_text text = {.bytes = html ? html_as_text(o, part) : leaf_bytes(o, part),
                               .charset = html ? "utf-8" : parameters_value(&part->type, "charset"),
                               .flowed = is_flowed(part)};
    struct pieces p;
    bool mended;

    text.bytes = armor_mend(o->a, text.bytes, &mended);
    if (span_find_span(text.bytes, span_str("-----BEGIN PGP ")) == text.bytes.n)
        return true;
    p = cut(o, text.bytes);
    if (p.n == 1 && p.at[0].block == PGP_BLOCK_NONE && has_begin(text.bytes))
        defect_add(o->a, o->defects, "armor-cut");
    if (!try_pieces(o, &text, path, place, &p, ret_opened, err))
        return false;
    if (!*ret_opened)
        return true;
    seal_repaired(o, mended ? "armor-mended" : NULL);
    seal_repaired(o, html ? "pgp-html" : NULL);
    seal_repaired(o, p.n - banners(o, &p) == 1 ? "pgp-inline" : "pgp-inline-part");
    return add_pieces(o, &text, &p, place, err);
}
