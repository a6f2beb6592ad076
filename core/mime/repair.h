/*
 * repair.h - known damage that other programs do to sealed mail, and how to see through it.
 *
 * Shapes of multiparts and leaves; model/damage.h has the words for each, mime/variants.h what was
 * done to signed bytes, mime/banner.h what was written around them, mime/tnef.h Outlook's own form,
 * mime/armor.h armored blocks.
 *
 *   name                  shape                                            what is done
 *   mixed-encrypted       multipart/mixed: empty text, application/        read as multipart/
 *                         pgp-encrypted, octet-stream (Exchange)           encrypted
 *   api-mixed             the same without the text (EWS, Gmail API)       "
 *   encrypted-attachments both parts as attachments or without their       "
 *                         types, below an empty plain or HTML text
 *                         (Exchange, Proton Bridge)
 *   encrypted-beside-text both parts below a text that is not empty        the ciphertext is read;
 *                                                                          it is a part of the mail
 *   gpgol-attachment      one attachment with a name that only GpgOL       "
 *                         gives (msg.asc, GpgOL_MIME_structure.txt)
 *   version-missing       multipart/encrypted without its version part     the ciphertext is read
 *   version-type          ... whose version part has another type          "
 *   encrypted-order       ... whose parts are exchanged                    "
 *   encrypted-bare        the ciphertext is the whole mail                 "
 *   gpgol-structure       GpgOL's attachment holds a whole MIME entity     the entity is read
 *   smime-entity          smime.p7m holds a whole MIME entity              "
 *   smime-type            an S/MIME object without a type, by name or by   read as S/MIME
 *                         its first bytes
 *   smime-armor           an S/MIME object as PEM                          "
 *   signature-type        multipart/signed, its signature without a type   read as one
 *   mixed-signed          multipart/signed has become multipart/mixed      verified; if nothing
 *                                                                          verifies: the defect
 *                                                                          signature-lost
 *   sealed-attached       the sealed mail beside an empty text             the text is nothing
 *   list-footer           the sealed mail, and footers of lists            the footer is outside
 *   external-banner       the sealed mail, and a gateway's warning         the warning is outside
 *   tnef                  winmail.dat (mime/tnef.h)                        what is in it is read
 *   bare-cr               every line of the body ends in CR                read with CRLF
 *   double-base64         base64 within base64                             decoded twice
 *   encrypted-as-text     an armored block is the whole text, and holds    the entity is read
 *                         a MIME entity (gateways, Vaultive)
 *   pgp-inline            one armored block is the whole text              read
 *
 * Promises: pure; says what the shape is, changes nothing. A repair is named in the message. What
 * stands beside the sealed part has no word in it, or is named as a footer or banner: nothing else
 * is taken for the whole mail. Does not: repair what would change what a signature covers.
 */
#ifndef MIME_REPAIR_H
#define MIME_REPAIR_H

#include "mime/split.h"

enum { REPAIR_LOOK_MAX = 16 * 1024 /* bytes of a part that are looked at for its shape */ };

/* The part with the OpenPGP ciphertext of multipart/encrypted (RFC 3156 4) or of one of its damaged
 * forms; NULL: the multipart is none. *ret_repair: its name, or NULL. */
const struct split_part *repair_ciphertext(struct arena *a, const struct split *s,
                                           const struct split_part *part, const char **ret_repair);

/* True if the other children of the multipart are empty texts, or say in HTML or plain what this
 * one says (then a reader sees nothing else, whichever form is shown). */
bool repair_is_alone(struct arena *a, const struct split *s, const struct split_part *part,
                     const struct split_part *child);

/* True if the part before this one is PGP/MIME's version part. */
bool repair_follows_version(struct arena *a, const struct split *s, const struct split_part *part);

/* True if the children from the nth on are footers, banners or empty texts; adds their names. */
bool repair_only_footers(struct arena *a, const struct split *s, const struct split_part *part,
                         size_t from, struct strs *repairs);

/* The one sealed child of a multipart whose other children are empty, footers or banners; or NULL.
 * Adds what was found to repairs. */
const struct split_part *repair_sealed_child(struct arena *a, const struct split *s,
                                             const struct split_part *part, struct strs *repairs);

/* True if the multipart is none that is signed, and has a content and a typed signature. */
bool repair_is_mixed_signed(const struct split *s, const struct split_part *part);

/* What a part of a multipart/signed is a signature of: by type, or by name or bytes (then
 * *ret_repair is "signature-type"). */
enum protocol repair_signature_protocol(struct arena *a, const struct split_part *part,
                                        const char **ret_repair);

/* The first bytes of a leaf, decoded. */
struct span repair_look(struct arena *a, const struct split_part *part);

/* True if the bytes begin like a MIME entity with a header of its own. */
bool repair_is_entity(struct span bytes);

/* The repair's name if a leaf holds a whole MIME entity, by name and first bytes; else NULL. */
const char *repair_holds_entity(struct arena *a, const struct split_part *part,
                                const char *filename);

/* True if a leaf is Outlook's winmail.dat (mime/tnef.h): by type or name, and by first bytes. */
bool repair_is_tnef(struct arena *a, const struct split_part *part, const char *filename);

enum cms_kind { CMS_NONE, CMS_ENVELOPED, CMS_SIGNED };

/* What a CMS object is, by the type in its first bytes. */
enum cms_kind repair_cms_kind(struct span der);

/* True if a leaf may be an S/MIME object: by type, or by the name or first bytes of an octet-stream
 * (then *ret_repair is "smime-type"). filename may be NULL. */
bool repair_is_smime(struct arena *a, const struct split_part *part, const char *filename,
                     const char **ret_repair);

/* True if the bytes begin like an OpenPGP message, armored or binary. */
bool repair_is_pgp_message(struct span bytes);

/* The same of what repair_look gave, or of what its base64 says. */
bool repair_looks_encrypted(struct arena *a, struct span head);

/* The object of a sealed leaf, out of a second base64 or out of PEM; *ret_repair: which. */
struct span repair_object(struct arena *a, struct span bytes, const char **ret_repair);

enum pgp_block { PGP_BLOCK_NONE, PGP_BLOCK_MESSAGE, PGP_BLOCK_SIGNED, PGP_BLOCK_KEY };

/* What armored block the text is, with nothing but blanks around it. */
enum pgp_block repair_pgp_block(struct span text);

/* The bytes with every line end as CRLF; *ret_changed if that was a change. */
struct span repair_line_ends(struct arena *a, struct span bytes, bool *ret_changed);

/* A mail whose body (or all of it) has CR alone for every line end: with CRLF there. */
struct span repair_bare_cr(struct arena *a, struct span mail, bool *ret_changed);

#endif
