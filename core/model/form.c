#include "model/form.h"

#include <string.h>

#include "base/buf.h"

static const char cut_mark[] = "[left out]";

enum { CUT_MIN = 3 }; /* bytes; what is shorter tells nothing */

const char *form_value(const struct message *m, const char *name)
{
    for (size_t i = 0; i < m->n_form; i++) {
        if (strcmp(m->form[i].name, name) == 0)
            return m->form[i].value;
    }
    return NULL;
}

struct span form_comments(const struct message *m)
{
    return span_str(form_value(m, "comments"));
}

bool form_is_report(const struct message *m)
{
    static const char *const names[] = {"vul_description", "vul_impact",    "vul_exploit",
                                        "vul_discovery",   "vendor_name",   "product_name",
                                        "share_release",   "credit_release"};

    for (size_t i = 0; i < LEN(names); i++) {
        if (form_value(m, names[i]) != NULL)
            return true;
    }
    return false;
}

/* ---- yes or no ---- */

static bool is_one_of(struct span word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq_nocase(word, words[i]))
            return true;
    }
    return false;
}

static bool is_yes(struct span word)
{
    static const char *const words[] = {
        "yes",        "y",          "true",       "1",          "on",
        "ok",         "ja",         "oui",        "はい",       "可",
        "許可",       "許可する",   "許可します", "承諾する",   "承諾します",
        "同意する",   "同意します", "希望する",   "希望します", "差し支えない",
        "かまわない",
    };

    return is_one_of(word, words, LEN(words));
}

static bool is_no(struct span word)
{
    static const char *const words[] = {
        "no",           "n",          "false",        "0",
        "off",          "nein",       "non",          "いいえ",
        "不可",         "否",         "許可しない",   "許可しません",
        "承諾しない",   "同意しない", "希望しない",   "匿名",
        "anonymous",    "none",       "希望しません", "同意しません",
        "承諾しません", "知らせない",
    };

    return is_one_of(word, words, LEN(words));
}

/* Length of the box at text.at; 0: none is there. */
static size_t box_at(struct span text, bool *ret_crossed)
{
    static const struct {
        const char *mark;
        bool crossed;
    } boxes[] = {{"[x]", true}, {"(x)", true}, {"■", true},  {"☑", true},    {"☒", true},
                 {"✓", true},   {"✔", true},   {"●", true},  {"[ ]", false}, {"( )", false},
                 {"[]", false}, {"()", false}, {"□", false}, {"☐", false},   {"○", false}};

    for (size_t i = 0; i < LEN(boxes); i++) {
        if (span_starts_nocase(text, boxes[i].mark)) {
            *ret_crossed = boxes[i].crossed;
            return strlen(boxes[i].mark);
        }
    }
    return 0;
}

/* Without full stops and full-width blanks around it. */
static struct span bare(struct span word)
{
    word = span_trim(word);
    while (word.n > 0 &&
           (word.at[word.n - 1] == '.' || word.at[word.n - 1] == '/' || word.at[word.n - 1] == ','))
        word = span_trim(span_first(word, word.n - 1));
    while (span_starts(word, "\xe3\x80\x80"))
        word = span_from(word, 3);
    while (word.n >= 3 && span_starts(span_from(word, word.n - 3), "\xe3\x80\x80"))
        word.n -= 3;
    return word;
}

static enum form_answer of_word(struct span word)
{
    word = bare(word);
    return is_yes(word) ? FORM_YES : is_no(word) ? FORM_NO : FORM_UNCLEAR;
}

/* The word behind the one crossed box. */
static enum form_answer of_boxes(struct span text)
{
    enum form_answer answer = FORM_UNCLEAR;
    size_t crosses = 0;

    for (size_t i = 0; i < text.n;) {
        bool crossed = false;
        bool other;
        size_t n = box_at(span_from(text, i), &crossed);
        size_t end = i + n;

        if (n == 0) {
            i++;
            continue;
        }
        while (end < text.n && box_at(span_from(text, end), &other) == 0)
            end++;
        if (crossed && ++crosses == 1)
            answer = of_word(span_of(text.at + i + n, end - i - n));
        i = end;
    }
    return crosses == 1 ? answer : FORM_UNCLEAR;
}

static bool has_box(struct span text)
{
    bool crossed;

    for (size_t i = 0; i < text.n; i++) {
        if (box_at(span_from(text, i), &crossed) > 0)
            return true;
    }
    return false;
}

enum form_answer form_answer(const struct message *m, const char *name)
{
    struct span value = span_str(form_value(m, name));

    if (value.n == 0)
        return FORM_UNANSWERED;
    return has_box(value) ? of_boxes(value) : of_word(value);
}

/* ---- what others don't get ---- */

static bool says_nothing(struct span value)
{
    static const char *const words[] = {"none", "n/a",  "unknown", "anonymous",
                                        "なし", "匿名", "yes",     "see below"};

    return value.n < CUT_MIN || is_no(value) || is_one_of(value, words, LEN(words));
}

/* Marks every place where value stands. False: it is nowhere. */
static bool mark_run(struct span text, struct span value, bool *marks)
{
    bool found = false;

    for (size_t at = 0; at < text.n;) {
        size_t next = span_find_span(span_from(text, at), value);

        if (next == text.n - at)
            break;
        for (size_t i = 0; i < value.n; i++)
            marks[at + next + i] = true;
        at += next + value.n;
        found = true;
    }
    return found;
}

/* As a whole, or else line by line: rules between its lines are not in the value. */
static bool mark_value(struct span text, struct span value, bool *marks)
{
    struct span line;

    if (says_nothing(value) || mark_run(text, value, marks))
        return true;
    while (span_line(&value, &line)) {
        line = span_trim(line);
        if (!says_nothing(line) && !mark_run(text, line, marks))
            return false;
    }
    return true;
}

static struct span without_marked(struct arena *a, struct span text, const bool *marks)
{
    struct buf out = buf_new(a, text.n + text.n / CUT_MIN * sizeof(cut_mark) + 1);

    for (size_t i = 0; i < text.n; i++) {
        if (!marks[i])
            buf_add_char(&out, (char)text.at[i]);
        else if (i == 0 || !marks[i - 1])
            buf_add_str(&out, cut_mark);
    }
    return buf_span(&out);
}

bool form_cut_private(struct arena *a, const struct message *m, bool named, struct span *ret_text)
{
    static const char *const names[] = {"comments",      "contact_name",  "contact_org",
                                        "contact_email", "contact_phone", "reporter_pgp"};
    bool *marks;

    marks = ARENA_ARRAY(a, ret_text->n + 1, bool);
    for (size_t i = 0; i < (named ? 1 : LEN(names)); i++) {
        struct span value = span_trim(span_str(form_value(m, names[i])));

        if (!mark_value(*ret_text, value, marks))
            return false;
    }
    *ret_text = without_marked(a, *ret_text, marks);
    return true;
}
