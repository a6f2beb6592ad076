#include "redact/guard-words.h"

enum {
    KEY_LETTERS = 3,
    POINT_BITS = 21,
    HEX_LOOSE_MIN = 16, /* digits of a key id that is found in groups, and by its tail */
};

struct entry {
    uint64_t key; /* the first letters */
    struct letters letters;
    const struct guard_word *word;
};

/* In the order of their keys. */
struct entries {
    struct entry *at;
    size_t n, room;
    bool lengths[KEY_LETTERS + 1]; /* keys of so many letters occur */
};

struct guard_words {
    struct entries strict, loose;
};

static uint64_t key_of(const struct letter *at, size_t n)
{
    uint64_t key = 0;

    for (size_t i = 0; i < KEY_LETTERS; i++)
        key = key << POINT_BITS | (i < n ? at[i].point : 0);
    return key;
}

static int by_key(const void *x, const void *y)
{
    const struct entry *p = x, *q = y;

    return (p->key > q->key) - (p->key < q->key);
}

static bool is_hex(const struct letters *letters)
{
    for (size_t i = 0; i < letters->n; i++) {
        uint32_t p = letters->at[i].point;

        if (!((p >= '0' && p <= '9') || (p >= 'a' && p <= 'f')))
            return false;
    }
    return true;
}

static bool has_word_letter(const struct letters *letters)
{
    for (size_t i = 0; i < letters->n; i++)
        if (letters->at[i].class != LETTER_SYMBOL)
            return true;
    return false;
}

static void add_entry(struct arena *a, struct entries *entries, struct letters letters,
                      const struct guard_word *word)
{
    size_t n = letters.n < KEY_LETTERS ? letters.n : KEY_LETTERS;

    ARENA_GROW(a, entries->at, entries->n, entries->room);
    entries->at[entries->n++] = (struct entry){key_of(letters.at, n), letters, word};
    entries->lengths[n] = true;
}

static void add_word(struct arena *a, struct guard_words *words, const struct guard_word *word)
{
    struct letters letters;
    bool hex;

    if (strlen(word->text) > GUARD_WORD_MAX ||
        !letters_read(a, span_str(word->text), true, &letters) || !has_word_letter(&letters))
        return;
    hex = letters.n >= HEX_LOOSE_MIN && is_hex(&letters);
    if (!hex && (word->kind == GUARD_TERM || letters.n < WORDS_LOOSE_MIN)) {
        add_entry(a, &words->strict, letters, word);
        return;
    }
    add_entry(a, &words->loose, letters, word);
    if (hex && letters.n > HEX_LOOSE_MIN) {
        letters.at += letters.n - HEX_LOOSE_MIN;
        letters.n = HEX_LOOSE_MIN;
        add_entry(a, &words->loose, letters, word);
    }
}

struct guard_words *guard_words_new(struct arena *a, const struct guard_word *words, size_t n)
{
    struct guard_words *list = ARENA_NEW(a, struct guard_words);
    struct guard_word *copy = ARENA_ARRAY(a, n, struct guard_word);

    for (size_t i = 0; i < n; i++) {
        copy[i] = words[i];
        add_word(a, list, &copy[i]);
    }
    if (list->strict.n > 0)
        qsort(list->strict.at, list->strict.n, sizeof(*list->strict.at), by_key);
    if (list->loose.n > 0)
        qsort(list->loose.at, list->loose.n, sizeof(*list->loose.at), by_key);
    return list;
}

bool letters_same(const struct letters *x, const struct letters *y)
{
    if (x->n != y->n)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (x->at[i].point != y->at[i].point)
            return false;
    return true;
}

static bool starts_word(const struct letters *text, size_t i)
{
    const struct letter *l = &text->at[i];

    return i == 0 || l->class != LETTER_WORD || l->gap != GAP_NONE ||
           text->at[i - 1].class != LETTER_WORD;
}

static bool ends_word(const struct letters *text, size_t end)
{
    return end == text->n || text->at[end - 1].class != LETTER_WORD ||
           text->at[end].gap != GAP_NONE || text->at[end].class != LETTER_WORD;
}

/* May the text have this gap before a letter where the word has that one? */
static bool gap_fits(const struct letters *text, size_t i, const struct letter *in_word,
                     size_t length, bool common)
{
    enum letter_gap gap = (enum letter_gap)text->at[i].gap;
    enum letter_gap wanted = (enum letter_gap)in_word->gap;
    bool cjk = text->at[i].class == LETTER_CJK && text->at[i - 1].class == LETTER_CJK;

    switch (gap) {
    case GAP_NONE:
        return wanted == GAP_NONE || cjk;
    case GAP_HYPHEN:
        return true;
    case GAP_BREAK:
        return wanted != GAP_NONE || cjk || (length >= WORDS_BREAK_MIN && !common);
    case GAP_BLANK:
        return wanted != GAP_NONE || cjk;
    case GAP_OTHER:
        break;
    }
    return wanted == GAP_OTHER && text->at[i].mark == in_word->mark;
}

/* An ordinary word is a name where it is written like one, or all in capitals. */
static bool is_written_as_name(const struct letters *word, const struct letter *at)
{
    bool same = true, capitals = true;

    for (size_t i = 0; i < word->n; i++) {
        same = same && at[i].capital == word->at[i].capital;
        capitals = capitals && (at[i].capital || !at[i].cased);
    }
    return same || capitals;
}

static bool fits(const struct entry *e, const struct letters *text, size_t at, bool loose)
{
    const struct letters *word = &e->letters;

    if (text->n - at < word->n)
        return false;
    for (size_t i = 0; i < word->n; i++) {
        if (text->at[at + i].point != word->at[i].point)
            return false;
        if (i > 0 && !loose && !gap_fits(text, at + i, &word->at[i], word->n, e->word->common))
            return false;
    }
    if (!loose && !(starts_word(text, at) && ends_word(text, at + word->n)))
        return false;
    return !e->word->common || is_written_as_name(word, text->at + at);
}

static size_t first_with_key(const struct entries *entries, uint64_t key)
{
    size_t low = 0, high = entries->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (entries->at[mid].key < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct search {
    struct arena *a;
    const struct letters *text;
    size_t min;
    struct word_matches *matches;
};

static bool search_at(const struct search *s, const struct entries *entries, size_t at, bool loose)
{
    size_t left = s->text->n - at;

    for (size_t n = 1; n <= KEY_LETTERS && n <= left; n++) {
        uint64_t key = key_of(s->text->at + at, n);

        if (!entries->lengths[n])
            continue;
        for (size_t i = first_with_key(entries, key); i < entries->n && entries->at[i].key == key;
             i++) {
            const struct entry *e = &entries->at[i];

            if (e->letters.n < s->min || !fits(e, s->text, at, loose))
                continue;
            if (s->matches->n >= WORDS_MATCHES_MAX)
                return false;
            ARENA_GROW(s->a, s->matches->at, s->matches->n, s->matches->room);
            s->matches->at[s->matches->n++] =
                (struct word_match){at, at + e->letters.n, e->word, &e->letters};
        }
    }
    return true;
}

bool words_search(const struct guard_words *words, struct arena *a, const struct letters *text,
                  size_t min, struct word_matches *matches)
{
    struct search s = {a, text, min, matches};

    for (size_t i = 0; i < text->n; i++) {
        if (words->strict.n > 0 && starts_word(text, i) && !search_at(&s, &words->strict, i, false))
            return false;
        if (words->loose.n > 0 && !search_at(&s, &words->loose, i, true))
            return false;
    }
    return true;
}
