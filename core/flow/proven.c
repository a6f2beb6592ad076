#include "flow/proven.h"

#include "base/buf.h"

/* Flowing, wrapping and other systems' line ends change nothing else. */
static void add_solid(struct buf *out, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text != ' ' && *text != '\t' && *text != '\r' && *text != '\n')
            buf_add_char(out, *text);
    }
}

static struct span solid(struct arena *a, const char *text)
{
    struct buf out = buf_new(a, text == NULL ? 1 : strlen(text) + 1);

    add_solid(&out, text);
    return buf_span(&out);
}

/* The texts of what stands inside of a seal. */
static struct span sealed_text(struct arena *a, const struct message *m)
{
    struct buf out;
    size_t room = 1;

    for (size_t i = 0; i < m->n_parts; i++)
        room += m->parts[i].text == NULL ? 0 : strlen(m->parts[i].text);
    out = buf_new(a, room);
    for (size_t i = 0; i < m->n_parts; i++) {
        if (m->parts[i].sealed)
            add_solid(&out, m->parts[i].text);
    }
    return buf_span(&out);
}

const char *proven_problem(struct arena *a, const struct message *m, const struct strs *shown)
{
    struct span text = solid(a, m->text);

    if (shown->n == 0)
        return "its text is of a kind that is not verified (HTML, or an uncommon character set)";
    /* Where something stands beside the sealed text, people see the parts, each with its mark. */
    if (message_marked_text(a, m) != m->text && !span_eq(text, sealed_text(a, m)))
        return "its text is not that of its parts";
    for (size_t i = 0; i < shown->n; i++) {
        if (span_eq(text, solid(a, shown->at[i])))
            return NULL;
    }
    return "its text is not the one that was signed";
}
