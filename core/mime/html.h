/*
 * html.h - an HTML body as readable text (libxml2's push parser, no tree, no network).
 *
 * Promises: UTF-8 with LF; block elements begin lines, list items get "- ", table cells a blank,
 * links keep their target behind their text, quotes keep "> ". Script, style, head and comments are
 * left out; nothing is loaded. What a browser would not show (html-style.h, comments for Outlook
 * alone) is left out and named (hidden-text), and so is what one would fetch (remote-content).
 * Bounded by max bytes of output.
 */
#ifndef MIME_HTML_H
#define MIME_HTML_H

#include "model/message.h"

enum { HTML_DEPTH_MAX = 10000 };

/* html: UTF-8 (charset.h). defects: html-cut when max was reached, html-too-deep, hidden-text,
 * remote-content. */
struct span html_to_text(struct arena *a, struct span html, size_t max, struct strs *defects);

/* The charset that a <meta> in the first 2 kB names, or NULL. */
char *html_charset(struct arena *a, struct span html);

#endif
