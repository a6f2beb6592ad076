#include "engine/echoes.h"

#include "base/text.h"
#include "engine/audience.h"
#include "engine/filing.h"
#include "redact/guard.h"

enum { ECHO_SHOWN_MAX = 80 };

static bool all_see(const struct piece *piece, const struct parties *readers)
{
    for (size_t i = 0; i < readers->n; i++)
        if (!audience_piece(piece, readers->at[i]))
            return false;
    return true;
}

static void warn(struct deed *d, const char *what, struct span text, const struct piece *piece)
{
    struct work *w = d->w;
    const struct message *message = filed_message(w, piece->message);
    struct guard_runs *runs = guard_runs_new(w->a);
    const struct guard_runs *const outside[] = {runs};
    size_t n = 0;
    if (!message || !message->text || !guard_runs_add(runs, span_str(message->text)))
        return;
    const char **found = guard_runs_in(w->a, text, outside, LEN(outside), &n);
    if (n > 0)
        deed_answer(d,
                    "warning: %s repeats piece %u, \"%s...\": letters to who may not see it will "
                    "be held",
                    what, piece->n, text_one_line(w->a, span_str(found[0]), ECHO_SHOWN_MAX));
}

void echoes_warn(struct deed *d, const char *what, const char *text, const struct parties *readers)
{
    const struct case_head *head = d->c->head;
    size_t looked = 0;
    for (size_t i = head->n_pieces; i > 0 && looked < ECHO_PIECES_MAX; i--) {
        const struct piece *piece = &head->pieces[i - 1];
        if (piece->moved || piece->message == 0 || all_see(piece, readers))
            continue;
        looked++;
        warn(d, what, span_str(text), piece);
    }
}
