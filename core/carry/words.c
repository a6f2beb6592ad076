#include "base/text.h"
#include "carry/carrier.h"

enum { RUN_MIN = 6 }; /* characters of a run that may be a word */

/* A run of readable characters that grows. */
struct run {
    struct buf text;
    size_t n;
};

static bool is_readable(uint32_t point)
{
    return (point >= ' ' && point < 127) || point == '\t' || (point >= 0xA0 && point < 0x590) ||
           (point >= 0x3041 && point < 0x3100) || (point >= 0x4E00 && point < 0xA000) ||
           (point >= 0xAC00 && point < 0xD7A4) || (point >= 0xFF01 && point < 0xFFEF);
}

static void run_end(struct carrier *c, struct run *run)
{
    if (run->n >= RUN_MIN)
        carry_text(c, buf_span(&run->text));
    run->text.n = 0;
    run->text.full = false;
    run->n = 0;
}

static void run_add(struct carrier *c, struct run *run, uint32_t point)
{
    if (!is_readable(point) || run->text.max - run->text.n < 4) {
        run_end(c, run);
        return;
    }
    text_utf8_add(&run->text, point);
    run->n++;
}

static void words_utf8(struct carrier *c, struct span bytes, struct run *run)
{
    while (bytes.n > 0 && !c->out.text.full) {
        uint32_t point;
        size_t n = text_utf8_next(bytes, &point);

        run_add(c, run, n == 0 ? 0 : point);
        bytes = span_from(bytes, n == 0 ? 1 : n);
    }
    run_end(c, run);
}

/* Little endian, as Windows writes it; big endian is the same from one byte later, nearly. */
static void words_utf16(struct carrier *c, struct span bytes, struct run *run)
{
    for (size_t i = 0; i + 1 < bytes.n && !c->out.text.full; i += 2)
        run_add(c, run, bytes.at[i] | (uint32_t)bytes.at[i + 1] << 8);
    run_end(c, run);
}

void carry_words(struct carrier *c, struct span bytes, bool wide)
{
    struct run run = {.text = buf_new(c->a, 4096)};

    words_utf8(c, bytes, &run);
    if (!wide)
        return;
    words_utf16(c, bytes, &run);
    words_utf16(c, span_from(bytes, 1), &run);
}
