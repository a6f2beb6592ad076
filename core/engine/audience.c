#include "engine/audience.h"

bool audience_piece(const struct piece *piece, const struct party *party)
{
    if (piece->moved || party->removed)
        return false;
    if (party->kind == PARTY_COORDINATOR)
        return true;
    if (piece->kind == PIECE_NOTE || piece->kind == PIECE_UNPLACED)
        return false;
    return u32s_has(&piece->audience, party->n);
}

bool audience_quotes(const struct piece *piece, const struct party *party)
{
    if (!audience_piece(piece, party))
        return false;
    return party->kind == PARTY_COORDINATOR || party->n == piece->party ||
           u32s_has(&piece->quoted, party->n);
}

bool audience_part(const struct piece *piece, const struct piece_part *part,
                   const struct party *party)
{
    if (piece->moved || party->removed)
        return false;
    if (party->kind == PARTY_COORDINATOR)
        return true;
    if (piece->kind == PIECE_NOTE || piece->kind == PIECE_UNPLACED)
        return false;
    return u32s_has(&part->audience, party->n);
}

bool audience_original(const struct piece *piece, const struct piece_part *part,
                       const struct party *party)
{
    return audience_part(piece, part, party) && !u32s_has(&part->cleaned, party->n);
}

struct u32s audience_pieces(struct arena *a, const struct case_head *head,
                            const struct party *party)
{
    struct u32s list = {0};
    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        if (piece->party != party->n && audience_piece(piece, party))
            u32s_add(a, &list, piece->n);
    }
    return list;
}

struct strs audience_parts(struct arena *a, const struct case_head *head, const struct party *party)
{
    struct strs list = {0};
    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        for (size_t j = 0; j < piece->n_parts; j++) {
            const struct piece_part *part = &piece->parts[j];
            if (piece->party != party->n && audience_part(piece, part, party))
                strs_add(a, &list, arena_printf(a, "%u.%u", piece->n, part->n));
        }
    }
    return list;
}

bool audience_coordinator(const struct case_head *head, const struct contact *coordinator)
{
    return !strs_has(&head->excluded, coordinator->slug);
}
