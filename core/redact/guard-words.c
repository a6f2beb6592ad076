#include "redact/guard-words.h"

enum {
    KEY_SHORT = 3,      /* letters by which a word is found ... */
    KEY_LONG = 6,       /* ... and a longer one, where its first three stand */
    HEX_LOOSE_MIN = 16, /* digits of a key id that is found in groups, and by its tail */
};

struct entry {
    uint64_t key; /* of the first letters */
    struct letters letters;
    const struct guard_word *word;
};

/* A key and its entries. */
struct slot {
    uint64_t key; /* 0: free */
    uint32_t first, n;
    bool longer; /* a word of KEY_LONG letters or more begins like this */
};

/* In the order of their keys. */
struct entries {
    struct entry *at;
    size_t n, room;
    uint64_t *seen;             /* a bit for each key: says no fast, in little memory */
    struct slot *slots;         /* open addressing; at least half of them free */
    size_t n_slots;             /* a power of two */
    size_t longest;             /* letters */
    bool lengths[KEY_LONG + 1]; /* keys of so many letters occur */
};

struct guard_words {
    struct entries strict, loose;
};

/* How many letters of a word its key is made of. */
static size_t key_letters(size_t n)
{
    if (n >= KEY_LONG)
        return KEY_LONG;
    return n < KEY_SHORT ? n : KEY_SHORT;
}

/* A hash of the first n letters; never 0. Equal keys only propose: fits() decides. */
static uint64_t key_of(const struct letter *at, size_t n)
{
    uint64_t key = n;

    /* 21 bits hold any code point; after three of them, older ones reach into one another. */
    for (size_t i = 0; i < n; i++)
        key = (key << 21 | key >> 43) ^ at[i].point;
    key *= UINT64_C(0x9E3779B97F4A7C15);
    key ^= key >> 32;
    return key == 0 ? 1 : key;
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
    size_t n = key_letters(letters.n);

    ARENA_GROW(a, entries->at, entries->n, entries->room);
    entries->at[entries->n++] = (struct entry){key_of(letters.at, n), letters, word};
    entries->lengths[n] = true;
    if (letters.n > entries->longest)
        entries->longest = letters.n;
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

/* The bit of a key; 16 for each slot of 64. */
static uint64_t seen_bit(uint64_t key)
{
    return UINT64_C(1) << (key >> 58);
}

static uint64_t *seen_of(const struct entries *entries, uint64_t key)
{
    return &entries->seen[(size_t)(key >> 32) & (entries->n_slots / 16 - 1)];
}

static struct slot *slot_of(const struct entries *entries, uint64_t key)
{
    size_t mask = entries->n_slots - 1;
    size_t i = (size_t)key & mask;

    while (entries->slots[i].key != 0 && entries->slots[i].key != key)
        i = (i + 1) & mask;
    return &entries->slots[i];
}

static struct slot *open_slot(struct entries *entries, uint64_t key)
{
    struct slot *slot = slot_of(entries, key);

    slot->key = key;
    *seen_of(entries, key) |= seen_bit(key);
    return slot;
}

/* Sorts the entries, gives each key its slot, and the start of each long one too. */
static void close_entries(struct arena *a, struct entries *entries)
{
    if (entries->n > 0)
        qsort(entries->at, entries->n, sizeof(*entries->at), by_key);
    for (entries->n_slots = 16; entries->n_slots < 4 * entries->n;)
        entries->n_slots *= 2;
    entries->slots = ARENA_ARRAY(a, entries->n_slots, struct slot);
    entries->seen = ARENA_ARRAY(a, entries->n_slots / 16, uint64_t);
    for (size_t i = 0; i < entries->n; i++) {
        const struct entry *e = &entries->at[i];
        struct slot *slot = open_slot(entries, e->key);

        slot->first = slot->n == 0 ? (uint32_t)i : slot->first;
        slot->n++;
        if (key_letters(e->letters.n) < KEY_LONG)
            continue;
        open_slot(entries, key_of(e->letters.at, KEY_SHORT))->longer = true;
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
    close_entries(a, &list->strict);
    close_entries(a, &list->loose);
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

struct search {
    struct arena *a;
    const struct letters *text;
    const struct near *near;
    size_t place; /* in near: of the letter that is looked at */
    size_t min;
    struct word_matches *matches;
};

static bool search_slot(const struct search *s, const struct entries *entries,
                        const struct slot *slot, size_t at, bool loose)
{
    for (size_t i = 0; i < slot->n; i++) {
        const struct entry *e = &entries->at[slot->first + i];
        size_t place = s->place;

        if (e->letters.n < s->min || !fits(e, s->text, at, loose) ||
            !near_touches(s->near, &place, at, at + e->letters.n))
            continue;
        if (s->matches->n >= WORDS_MATCHES_MAX)
            return false;
        ARENA_GROW(s->a, s->matches->at, s->matches->n, s->matches->room);
        s->matches->at[s->matches->n++] =
            (struct word_match){at, at + e->letters.n, e->word, &e->letters};
    }
    return true;
}

/* The slot of a key, or NULL. */
static const struct slot *find_slot(const struct entries *entries, uint64_t key)
{
    return (*seen_of(entries, key) & seen_bit(key)) == 0 ? NULL : slot_of(entries, key);
}

/* Words of so few letters that their key is all of them. */
static bool search_short(const struct search *s, const struct entries *entries, size_t at,
                         bool loose)
{
    for (size_t n = 1; n < KEY_SHORT && n <= s->text->n - at; n++) {
        const struct slot *slot =
            entries->lengths[n] ? find_slot(entries, key_of(s->text->at + at, n)) : NULL;

        if (slot != NULL && !search_slot(s, entries, slot, at, loose))
            return false;
    }
    return true;
}

/* The others; key: of the next three letters. */
static bool search_long(const struct search *s, const struct entries *entries, uint64_t key,
                        size_t at, bool loose)
{
    const struct slot *slot = find_slot(entries, key);

    if (slot == NULL)
        return true;
    if (!search_slot(s, entries, slot, at, loose))
        return false;
    if (!slot->longer || s->text->n - at < KEY_LONG)
        return true;
    slot = find_slot(entries, key_of(s->text->at + at, KEY_LONG));
    return slot == NULL || search_slot(s, entries, slot, at, loose);
}

static bool search_at(const struct search *s, const struct guard_words *words, size_t at)
{
    bool strict = words->strict.n > 0 && starts_word(s->text, at);
    uint64_t key;

    if (strict && !search_short(s, &words->strict, at, false))
        return false;
    if (s->text->n - at < KEY_SHORT || !(strict || words->loose.n > 0))
        return true;
    key = key_of(s->text->at + at, KEY_SHORT);
    /* No loose word is short. */
    return (!strict || search_long(s, &words->strict, key, at, false)) &&
           search_long(s, &words->loose, key, at, true);
}

bool words_search(const struct guard_words *words, struct arena *a, const struct letters *text,
                  const struct near *near, size_t min, struct word_matches *matches)
{
    struct search s = {.a = a, .text = text, .near = near, .min = min, .matches = matches};
    size_t longest =
        words->strict.longest > words->loose.longest ? words->strict.longest : words->loose.longest;

    for (size_t i = 0; (i = near_next(near, &s.place, i, longest, text->n)) < text->n; i++)
        if (!search_at(&s, words, i))
            return false;
    return true;
}
