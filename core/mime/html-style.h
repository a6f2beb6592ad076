/*
 * html-style.h - what a browser would not show: as much of CSS as it takes to hide a text.
 *
 * Promises: inline declarations, and rules of <style> with one tag, class or id as their selector.
 * A text is hidden only where that is sure: a colour that is not understood, or a background that
 * is a picture, hides nothing. Bounded by the limits below. Does not: know layers, positions, media
 * (rules under a condition are left out) or other selectors.
 */
#ifndef MIME_HTML_STYLE_H
#define MIME_HTML_STYLE_H

#include "base/span.h"

enum {
    HTML_RULES_MAX = 200,
    HTML_RULE_LOOKS_MAX = 5 * 1000 * 1000, /* comparisons with rules in one text */
    HTML_CSS_BYTES_MAX = 256 * 1024,
};

enum { HTML_COLOUR_UNKNOWN = 0xff000000, HTML_COLOUR_CLEAR = 0xfe000000 };

struct html_style {
    bool gone;      /* something around it is not there at all */
    bool invisible; /* inherited; an element inside can undo these three */
    bool tiny;
    uint32_t ink, paper; /* 0xRRGGBB or HTML_COLOUR_ */
    /* The element's own: */
    bool none, faded, offside, flat, cut;
};

struct html_rule {
    struct span tag, class_name, id; /* of which one may be empty; all must match */
    struct span declarations;
};

struct html_rules {
    struct html_rule *at;
    size_t n;
    size_t room;
    size_t looks;
};

/* The style of the whole text: black on white. */
struct html_style html_style_first(void);
/* What an element begins with inside this one. */
struct html_style html_style_inside(const struct html_style *outer);

void html_style_declare(struct html_style *style, struct span declarations);
/* color and bgcolor of HTML 3. */
void html_style_ink(struct html_style *style, struct span colour);
void html_style_paper(struct html_style *style, struct span colour);
/* Everything that rules say of an element; NULL attributes are none. */
void html_style_rules(struct html_style *style, struct html_rules *rules, const char *tag,
                      const char *class_names, const char *id);

/* The text in it is not seen. */
bool html_style_hides(const struct html_style *style);

/* Adds the rules of a <style> element; css must live as long as they do. */
void html_rules_read(struct arena *a, struct html_rules *rules, struct span css);

#endif
