#include "mime/html-style.h"

#include "base/ascii.h"

enum { NEAR = 24, OFFSIDE = -500, LOOK_BYTES = 32 };

static bool is_blank(unsigned char c)
{
    return c <= ' ';
}

static struct span trim(struct span s)
{
    while (s.n > 0 && is_blank(s.at[0]))
        s = span_from(s, 1);
    while (s.n > 0 && is_blank(s.at[s.n - 1]))
        s.n--;
    return s;
}

/* The value begins with the word: "none !important". */
static bool says(struct span value, const char *word)
{
    size_t n = strlen(word);

    return span_starts_nocase(value, word) &&
           (value.n == n || is_blank(value.at[n]) || value.at[n] == '!');
}

/* --- colours -------------------------------------------------------------------------------- */

static uint32_t hex_colour(struct span digits)
{
    uint32_t colour = 0;
    size_t n = 0;

    while (n < digits.n && ascii_hex(digits.at[n]) >= 0)
        n++;
    if (n != 3 && n != 6)
        return HTML_COLOUR_UNKNOWN;
    for (size_t i = 0; i < 6; i++)
        colour = colour << 4 | (uint32_t)ascii_hex(digits.at[n == 3 ? i / 2 : i]);
    return colour;
}

/* A number without its unit; *ret_n: its length, 0 for none. */
static double number(struct span s, size_t *ret_n)
{
    double value = 0;
    double scale = 1;
    size_t n = s.n > 0 && (s.at[0] == '-' || s.at[0] == '+') ? 1 : 0;
    size_t sign = n;
    bool fraction = false;

    for (; n < s.n && n < 32; n++) {
        if (s.at[n] == '.' && !fraction) {
            fraction = true;
        } else if (s.at[n] >= '0' && s.at[n] <= '9') {
            value = value * 10 + (s.at[n] - '0');
            scale *= fraction ? 10 : 1;
        } else {
            break;
        }
    }
    *ret_n = n == sign ? 0 : n;
    return (sign > 0 && s.at[0] == '-' ? -value : value) / scale;
}

/* "rgb(0, 0, 0)", "rgba(0 0 0 / 0)": up to four numbers. */
static uint32_t function_colour(struct span s)
{
    double values[4] = {0, 0, 0, 1};
    uint32_t colour = 0;
    size_t n = 0;

    s = span_from(s, span_find(s, '(') + 1);
    while (s.n > 0 && s.at[0] != ')' && n < LEN(values)) {
        size_t used;
        double value = number(s, &used);

        if (used > 0)
            values[n++] = span_from(s, used).n > 0 && s.at[used] == '%' ? value * 2.55 : value;
        s = span_from(s, used > 0 ? used : 1);
    }
    if (n < 3)
        return HTML_COLOUR_UNKNOWN;
    if (values[3] <= 0.05)
        return HTML_COLOUR_CLEAR;
    for (size_t i = 0; i < 3; i++)
        colour = colour << 8 | (values[i] <= 0 ? 0 : values[i] >= 255 ? 255 : (uint32_t)values[i]);
    return colour;
}

static uint32_t colour_of(struct span s)
{
    static const struct {
        const char *name;
        uint32_t colour;
    } names[] = {
        {"white", 0xffffff},     {"black", 0x000000},       {"transparent", HTML_COLOUR_CLEAR},
        {"snow", 0xfffafa},      {"whitesmoke", 0xf5f5f5},  {"ghostwhite", 0xf8f8ff},
        {"ivory", 0xfffff0},     {"floralwhite", 0xfffaf0}, {"red", 0xff0000},
        {"gray", 0x808080},      {"grey", 0x808080},        {"silver", 0xc0c0c0},
        {"windowtext", 0x000000}};

    s = trim(s);
    if (s.n > 0 && s.at[0] == '#')
        return hex_colour(span_from(s, 1));
    if (span_starts_nocase(s, "rgb"))
        return function_colour(s);
    for (size_t i = 0; i < LEN(names); i++) {
        if (says(s, names[i].name))
            return names[i].colour;
    }
    return HTML_COLOUR_UNKNOWN;
}

static bool is_near(uint32_t x, uint32_t y)
{
    if ((x | y) >> 24 != 0)
        return false;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        int difference = (int)(x >> shift & 255) - (int)(y >> shift & 255);

        if (difference > NEAR || difference < -NEAR)
            return false;
    }
    return true;
}

void html_style_ink(struct html_style *style, struct span colour)
{
    if (says(colour, "inherit") || says(colour, "currentcolor"))
        return;
    style->ink = colour_of(colour);
    if (style->ink == HTML_COLOUR_UNKNOWN && hex_colour(colour) != HTML_COLOUR_UNKNOWN)
        style->ink = hex_colour(colour);
}

void html_style_paper(struct html_style *style, struct span colour)
{
    uint32_t paper = colour_of(colour);

    if (paper == HTML_COLOUR_CLEAR || says(colour, "none") || says(colour, "inherit") ||
        says(colour, "initial"))
        return;
    if (paper == HTML_COLOUR_UNKNOWN)
        paper = hex_colour(colour);
    style->paper = span_find(colour, '(') < colour.n && !span_starts_nocase(trim(colour), "rgb")
                       ? HTML_COLOUR_UNKNOWN
                       : paper;
}

/* --- declarations --------------------------------------------------------------------------- */

struct size {
    double value;
    bool is_number;
    struct span unit;
};

static struct size size_of(struct span value)
{
    size_t n;
    struct size size = {.value = number(value, &n)};

    size.is_number = n > 0;
    size.unit = span_from(value, n);
    return size;
}

static bool is_tiny(struct size size)
{
    if (!size.is_number || size.value <= 0)
        return size.is_number;
    if (span_starts_nocase(size.unit, "px") || span_starts_nocase(size.unit, "pt"))
        return size.value <= 2;
    if (span_starts_nocase(size.unit, "em") || span_starts_nocase(size.unit, "rem"))
        return size.value <= 0.1;
    return span_starts_nocase(size.unit, "%") && size.value <= 10;
}

static bool name_is(struct span name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq_nocase(name, names[i]))
            return true;
    }
    return false;
}

static void declare_box(struct html_style *style, struct span name, struct span value)
{
    static const char *const sides[] = {"left", "top", "text-indent", "margin-left", "margin-top"};
    static const char *const extents[] = {"max-height", "height", "max-width", "width"};
    struct size size = size_of(value);

    if (name_is(name, sides, LEN(sides)) && size.is_number)
        style->offside = size.value <= OFFSIDE;
    else if (name_is(name, extents, LEN(extents)) && size.is_number)
        style->flat = style->flat || size.value <= 1;
    else if (span_eq_nocase(name, "overflow"))
        style->cut = says(value, "hidden") || says(value, "clip");
    else if (span_eq_nocase(name, "opacity") && size.is_number)
        style->faded = size.value <= 0.05;
}

static void declare(struct html_style *style, struct span name, struct span value)
{
    if (span_eq_nocase(name, "display"))
        style->none = says(value, "none");
    else if (span_eq_nocase(name, "mso-hide"))
        style->none = style->none || says(value, "all");
    else if (span_eq_nocase(name, "visibility"))
        style->invisible = says(value, "hidden") || says(value, "collapse");
    else if (span_eq_nocase(name, "font-size"))
        style->tiny = is_tiny(size_of(value));
    else if (span_eq_nocase(name, "color"))
        html_style_ink(style, value);
    else if (span_eq_nocase(name, "background") || span_eq_nocase(name, "background-color") ||
             span_eq_nocase(name, "background-image"))
        html_style_paper(style, value);
    else
        declare_box(style, name, value);
}

void html_style_declare(struct html_style *style, struct span declarations)
{
    struct span one;

    while (span_split(&declarations, ';', &one)) {
        size_t colon = span_find(one, ':');

        if (colon < one.n)
            declare(style, trim(span_first(one, colon)), trim(span_from(one, colon + 1)));
    }
}

struct html_style html_style_first(void)
{
    return (struct html_style){.ink = 0x000000, .paper = 0xffffff};
}

static bool is_gone(const struct html_style *s)
{
    return s->gone || s->none || s->faded || s->offside || (s->flat && s->cut);
}

struct html_style html_style_inside(const struct html_style *outer)
{
    return (struct html_style){.gone = is_gone(outer),
                               .invisible = outer->invisible,
                               .tiny = outer->tiny,
                               .ink = outer->ink,
                               .paper = outer->paper};
}

bool html_style_hides(const struct html_style *style)
{
    return is_gone(style) || style->invisible || style->tiny || style->ink == HTML_COLOUR_CLEAR ||
           is_near(style->ink, style->paper);
}

/* --- rules ---------------------------------------------------------------------------------- */

/* "tag", ".class", "#id", "tag.class", "tag#id". False: any other selector. */
static bool read_selector(struct span s, struct html_rule *rule)
{
    size_t n = 0;
    struct span name;

    s = trim(s);
    while (n < s.n && s.at[n] != '.' && s.at[n] != '#')
        n++;
    rule->tag = span_first(s, n);
    name = span_from(s, n + 1);
    for (size_t i = 0; i < s.n; i++) {
        if (is_blank(s.at[i]) || strchr(">+~:[*|\\", s.at[i]) != NULL)
            return false;
    }
    if (span_find(name, '.') < name.n || span_find(name, '#') < name.n)
        return false;
    if (n < s.n && s.at[n] == '.')
        rule->class_name = name;
    else if (n < s.n)
        rule->id = name;
    return s.n > 0 && (n == s.n || name.n > 0);
}

static void add_rules(struct arena *a, struct html_rules *rules, struct span selectors,
                      struct span declarations)
{
    struct span selector;

    while (span_split(&selectors, ',', &selector) && rules->n < HTML_RULES_MAX) {
        struct html_rule rule = {.declarations = declarations};

        if (!read_selector(selector, &rule))
            continue;
        ARENA_GROW(a, rules->at, rules->n, rules->room);
        rules->at[rules->n++] = rule;
    }
}

static struct span without_comments(struct arena *a, struct span css)
{
    char *out = arena_alloc(a, css.n + 1);
    size_t n = 0;

    while (css.n > 0) {
        size_t comment = span_find_span(css, span_str("/*"));

        memcpy(out + n, css.at, comment);
        n += comment;
        css = span_from(css, comment + 2);
        css = span_from(css, span_find_span(css, span_str("*/")) + 2);
    }
    return span_of(out, n);
}

/* The length of a block with what it nests, from behind its opening brace. */
static size_t block_length(struct span css)
{
    size_t depth = 1;

    for (size_t i = 0; i < css.n; i++) {
        depth += css.at[i] == '{';
        depth -= css.at[i] == '}';
        if (depth == 0)
            return i + 1;
    }
    return css.n;
}

/* An at-rule: one that always holds is entered, others are passed over. */
static size_t at_rule_length(struct span css)
{
    size_t brace = span_find(css, '{');
    size_t semicolon = span_find(css, ';');
    struct span prelude = span_first(css, brace);

    if (semicolon < brace)
        return semicolon + 1;
    if (span_starts_nocase(prelude, "@media") && span_find(prelude, '(') == prelude.n &&
        (span_find_span(prelude, span_str("all")) < prelude.n ||
         span_find_span(prelude, span_str("screen")) < prelude.n))
        return brace + 1;
    return brace + 1 + block_length(span_from(css, brace + 1));
}

void html_rules_read(struct arena *a, struct html_rules *rules, struct span css)
{
    css = without_comments(a, css);
    while (css.n > 0 && rules->n < HTML_RULES_MAX) {
        size_t brace;
        size_t end;

        if (is_blank(css.at[0]) || css.at[0] == '}' || css.at[0] == ';') {
            css = span_from(css, 1);
            continue;
        }
        if (css.at[0] == '@') {
            css = span_from(css, at_rule_length(css));
            continue;
        }
        brace = span_find(css, '{');
        end = span_find(span_from(css, brace), '}');
        add_rules(a, rules, span_first(css, brace),
                  span_first(span_from(css, brace + 1), end > 0 ? end - 1 : 0));
        css = span_from(css, brace + end + 1);
    }
}

static bool has_class(const char *class_names, struct span name)
{
    struct span rest = span_str(class_names);

    while (rest.n > 0) {
        size_t n = 0;

        while (n < rest.n && !is_blank(rest.at[n]))
            n++;
        if (n == name.n && memcmp(rest.at, name.at, n) == 0)
            return true;
        rest = span_from(rest, n + 1);
    }
    return false;
}

void html_style_rules(struct html_style *style, struct html_rules *rules, const char *tag,
                      const char *class_names, const char *id)
{
    size_t weight = 1 + (span_str(class_names).n + span_str(id).n) / LOOK_BYTES;

    for (size_t i = 0; i < rules->n && rules->looks < HTML_RULE_LOOKS_MAX; i++) {
        const struct html_rule *rule = &rules->at[i];

        rules->looks += weight;
        if (rule->tag.n > 0 && !span_eq_nocase(rule->tag, tag))
            continue;
        if (rule->class_name.n > 0 && !has_class(class_names, rule->class_name))
            continue;
        if (rule->id.n > 0 && !span_eq(rule->id, span_str(id)))
            continue;
        rules->looks += rule->declarations.n / LOOK_BYTES;
        html_style_declare(style, rule->declarations);
    }
}
