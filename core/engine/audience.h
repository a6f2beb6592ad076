/*
 * audience.h - may this party see this: pieces, parts, the summary, the case at all.
 *
 * Promises: pure questions about rows, asked when a letter is planned and again when it is made;
 * no means no. A piece's text follows the piece; each part (attachment) has an audience of its own.
 * Does not: know fences, terms or redaction (compose), or load rows.
 */
#ifndef ENGINE_AUDIENCE_H
#define ENGINE_AUDIENCE_H

#include "model/case.h"
#include "model/directory.h"

/* The text of a piece. Coordinators: all of it. Others: their own, and what was shared with them;
 * never notes, unplaced or moved pieces. False for a party that was removed. */
bool audience_piece(const struct piece *piece, const struct party *party);

/* What the text of a piece quotes: its author, and whom a coordinator gave it by "Share: 3 acme
 * quoted". Everyone else gets the text without it (redact/firewall.h). */
bool audience_quotes(const struct piece *piece, const struct party *party);

/* The bytes of one part: released to the party, or its own. */
bool audience_part(const struct piece *piece, const struct piece_part *part,
                   const struct party *party);

/* Of a part that it may see, the party gets the file as it came; else its cleaned copy, as in
 * "Release: 3.2 acme cleaned". Its author and coordinators have the file itself. */
bool audience_original(const struct piece *piece, const struct piece_part *part,
                       const struct party *party);

/* Pieces that the party may see and did not write itself, rising: what a notice to a late joiner,
 * or a digest, carries. */
struct u32s audience_pieces(struct arena *a, const struct case_head *head,
                            const struct party *party);
/* The same for parts, as "3.2". */
struct strs audience_parts(struct arena *a, const struct case_head *head,
                           const struct party *party);

/* False for a coordinator that the case excludes (conflict of interest). */
bool audience_coordinator(const struct case_head *head, const struct contact *coordinator);

#endif
