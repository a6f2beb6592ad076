/*
 * languages.h - the languages that letters are there in: folders of templates.
 */
#ifndef TEMPLATE_LANGUAGES_H
#define TEMPLATE_LANGUAGES_H

#include "model/message.h"

/* A language is a folder named like "en" or "pt-br". */
bool is_language(const char *name);

/* Those of a directory of templates and of a site's own (NULL or empty: none), rising; a directory
 * that can't be read has none. */
struct strs languages_in(struct arena *a, const char *dir, const char *site);

/* Why letters can't be written in this language, with the right word where it is known ("jp" is
 * "ja"); NULL: they can. */
const char *language_problem(struct arena *a, const struct strs *known, const char *language);

#endif
