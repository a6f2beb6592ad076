#include "redact/terms.h"

#include <strings.h>

#include "base/text.h"

/*
 * Company names as people write them: without the legal form. A tenth of the names in public vendor
 * lists are such variants of another one.
 */

enum { VARIANTS_MAX = 8, VARIANT_MIN = 2 /* bytes; less is no name */ };

/* Legal forms that end a name, after a blank or comma; dots in them and after them make no
 * difference. */
static const char *const forms[] = {
    "inc",       "incorporated",
    "corp",      "corporation",
    "co",        "company",
    "ltd",       "limited",
    "llc",       "llp",
    "lp",        "plc",
    "gmbh",      "mbh",
    "ag",        "kg",
    "kgaa",      "ohg",
    "ug",        "ev",
    "se",        "sa",
    "sas",       "sarl",
    "srl",       "spa",
    "sl",        "slu",
    "bv",        "nv",
    "oy",        "oyj",
    "ab",        "as",
    "asa",       "aps",
    "sp",        "zoo",
    "sro",       "doo",
    "kft",       "zrt",
    "pty",       "pte",
    "pvt",       "private",
    "bhd",       "sdn",
    "kk",        "gk",
    "jsc",       "pjsc",
    "ooo",       "oao",
    "zao",       "ltda",
    "eireli",    "and co",
    "& co",      "a/s",
    "s/a",       "kabushiki kaisha",
    "gmbh & co",
};

/* Legal forms in CJK stand before or behind the name, with or without a blank. */
static const char *const cjk_forms[] = {
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "一般社団法人",
    "一般財団法人",
    "特定非営利活動法人",
    "（株）",
    "(株)",
    "㈱",
    "（有）",
    "(有)",
    "㈲",
    "有限公司",
    "股份有限公司",
    "주식회사",
    "(주)",
};

static struct span trim_end(struct span s)
{
    while (s.n > 0 && strchr(" \t,.;&", s.at[s.n - 1]) != NULL)
        s.n--;
    return s;
}

static bool same_form(struct span tail, const char *form)
{
    size_t i = 0;

    for (const char *f = form; *f != '\0'; f++) {
        while (i < tail.n && tail.at[i] == '.')
            i++;
        if (i >= tail.n || (tail.at[i] | (tail.at[i] >= 'A' && tail.at[i] <= 'Z' ? 0x20 : 0)) != *f)
            return false;
        i++;
    }
    while (i < tail.n && tail.at[i] == '.')
        i++;
    return i == tail.n;
}

/* s without one legal form at its end, or s. */
static struct span without_form(struct span s)
{
    for (size_t cut = s.n; cut > 0; cut--) {
        struct span tail = span_from(s, cut);

        if (s.n - cut > 24)
            break;
        if (cut == s.n || (s.at[cut - 1] != ' ' && s.at[cut - 1] != ','))
            continue;
        for (size_t i = 0; i < LEN(forms); i++)
            if (same_form(tail, forms[i]))
                return trim_end(span_first(s, cut));
    }
    return s;
}

static struct span without_cjk_form(struct span s)
{
    for (size_t i = 0; i < LEN(cjk_forms); i++) {
        size_t n = strlen(cjk_forms[i]);

        if (s.n <= n)
            continue;
        if (span_starts(s, cjk_forms[i]))
            return span_trim(span_from(s, n));
        if (span_eq_str(span_from(s, s.n - n), cjk_forms[i]))
            return span_trim(span_first(s, s.n - n));
    }
    return s;
}

static struct span bare_name(struct span s)
{
    size_t before;

    s = span_trim(s);
    do {
        before = s.n;
        s = without_cjk_form(without_form(trim_end(s)));
    } while (s.n < before);
    if (span_starts_nocase(s, "the ") && s.n > 6)
        s = span_trim(span_from(s, 4));
    return s;
}

static void add_variant(struct arena *a, struct term_words *words, struct span name, struct span s)
{
    if (s.n < VARIANT_MIN || words->n >= VARIANTS_MAX || span_eq(s, name))
        return;
    for (size_t i = 0; i < words->n; i++)
        if (span_eq_str(s, words->at[i]))
            return;
    words->at[words->n++] = span_dup(a, s);
}

static bool is_abbreviation(struct span s)
{
    if (s.n < VARIANT_MIN || s.n > 8)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.at[i] >= 'A' && s.at[i] <= 'Z') || (s.at[i] >= '0' && s.at[i] <= '9')))
            return false;
    return true;
}

struct term_words terms_variants(struct arena *a, const char *text)
{
    struct term_words words = {.at = ARENA_ARRAY(a, VARIANTS_MAX, const char *)};
    struct span name = span_str(text);
    struct span outer = bare_name(name);
    size_t open = span_find(name, '(');

    if (open > 0 && open < name.n && span_find(name, ')') > open) {
        struct span inner = span_from(name, open + 1);

        /* "Asea Brown Boveri Ltd. (ABB)" is both; "Android (associated with ...)" is the first. */
        inner = span_first(inner, span_find(inner, ')'));
        outer = bare_name(span_first(name, open));
        if (is_abbreviation(inner))
            add_variant(a, &words, name, inner);
    }
    add_variant(a, &words, name, outer);
    return words;
}

bool terms_is_common(const char *name)
{
    static const char *const words[] = {
        "access",  "active",   "aim",      "alias",       "android", "ansible", "apache",
        "apple",   "atom",     "aware",    "base",        "box",     "brave",   "bridge",
        "brocade", "canon",    "cat",      "check point", "chef",    "chrome",  "cloud",
        "core",    "curl",     "dec",      "digital",     "docker",  "django",  "eclipse",
        "edge",    "electron", "elastic",  "element",     "express", "fast",    "flash",
        "flask",   "fuse",     "gap",      "ghost",       "git",     "go",      "hex",
        "honor",   "hub",      "infinite", "intercept",   "jenkins", "juniper", "line",
        "linux",   "link",     "matrix",   "mend",        "meta",    "mint",    "monitor",
        "mutt",    "nest",     "next",     "node",        "notion",  "open",    "opera",
        "oracle",  "orange",   "pear",     "perl",        "pilot",   "ping",    "plume",
        "postfix", "proxy",    "puppet",   "python",      "rails",   "rapid",   "red",
        "ring",    "ruby",     "rust",     "safari",      "sage",    "salt",    "samba",
        "secure",  "sentry",   "sharp",    "shell",       "signal",  "slack",   "snort",
        "spring",  "square",   "squid",    "stripe",      "sun",     "switch",  "tails",
        "target",  "teleport", "tor",      "trend",       "vault",   "visa",    "vision",
        "wave",    "wire",     "word",     "zoom",
    };

    for (size_t i = 0; i < LEN(words); i++)
        if (strcasecmp(name, words[i]) == 0)
            return true;
    return false;
}

enum {
    KANA_APART = 0x60, /* from hiragana to the same katakana */
    KANA_LONG = 0x30FC,
};

static bool is_hiragana(uint32_t p)
{
    return p >= 0x3041 && p <= 0x3096;
}

static bool is_katakana(uint32_t p)
{
    return p >= 0x30A1 && p <= 0x30F6;
}

/* The text with each letter changed by `by` where it is of that kana; long: keep its marks. */
static const char *rewritten(struct arena *a, const char *text, bool (*of)(uint32_t), int by,
                             bool keep_long, size_t *ret_kana)
{
    struct span rest = span_str(text);
    struct buf out = buf_new(a, 2 * rest.n + 4);
    uint32_t p;

    *ret_kana = 0;
    for (size_t n; (n = text_utf8_next(rest, &p)) > 0; rest = span_from(rest, n)) {
        *ret_kana += is_hiragana(p) || is_katakana(p) ? 1 : 0;
        if (p == KANA_LONG && !keep_long)
            continue;
        text_utf8_add(&out, of(p) ? (uint32_t)((int)p + by) : p);
    }
    return out.at;
}

struct term_words terms_kana(struct arena *a, const char *text)
{
    struct term_words words = {.at = ARENA_ARRAY(a, 5, const char *)};
    size_t kana;
    const char *const ways[] = {
        rewritten(a, text, is_katakana, -KANA_APART, true, &kana),
        rewritten(a, text, is_hiragana, KANA_APART, true, &kana),
        rewritten(a, text, is_katakana, 0, false, &kana),
        rewritten(a, text, is_katakana, -KANA_APART, false, &kana),
        rewritten(a, text, is_hiragana, KANA_APART, false, &kana),
    };

    for (size_t i = 0; kana >= TERMS_KANA_MIN && i < LEN(ways); i++) {
        bool new = strcmp(ways[i], text) != 0;

        for (size_t k = 0; k < words.n && new; k++)
            new = strcmp(ways[i], words.at[k]) != 0;
        if (new)
            words.at[words.n++] = ways[i];
    }
    return words;
}
