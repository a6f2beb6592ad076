#include "template/languages.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool is_language(const char *name)
{
    size_t n = strlen(name);

    return n >= 2 && n <= 10 && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == n && name[0] != '-';
}

static void add_languages(struct arena *a, const char *dir, struct strs *list)
{
    DIR *d = dir == NULL || dir[0] == '\0' ? NULL : opendir(dir);
    const struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL) {
        if (is_language(entry->d_name) && !strs_has(list, entry->d_name))
            strs_add(a, list, arena_strdup(a, entry->d_name));
    }
    if (d != NULL)
        closedir(d);
}

static int compare(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

struct strs languages_in(struct arena *a, const char *dir, const char *site)
{
    struct strs list = {.n = 0};

    add_languages(a, dir, &list);
    add_languages(a, site, &list);
    if (list.n > 0)
        qsort(list.at, list.n, sizeof(*list.at), compare);
    return list;
}

/* Countries are not languages, but people write them. */
static const char *meant(const char *word)
{
    static const char *const pairs[][2] = {
        {"jp", "ja"}, {"jpn", "ja"}, {"japanese", "ja"}, {"us", "en"},
        {"uk", "en"}, {"gb", "en"},  {"english", "en"},
    };

    for (size_t i = 0; i < LEN(pairs); i++) {
        if (strcasecmp(word, pairs[i][0]) == 0)
            return pairs[i][1];
    }
    return NULL;
}

/* The known one that a longer or differently written name begins with: "ja-JP", "EN". */
static const char *begins_with(const struct strs *known, const char *word)
{
    for (size_t i = 0; i < known->n; i++) {
        size_t n = strlen(known->at[i]);

        if (strncasecmp(word, known->at[i], n) == 0 && strchr("-_", word[n]) != NULL)
            return known->at[i];
    }
    return NULL;
}

const char *language_problem(struct arena *a, const struct strs *known, const char *language)
{
    const char *list = "";
    const char *right;

    if (strs_has(known, language))
        return NULL;
    right = meant(language);
    if (right == NULL || !strs_has(known, right))
        right = begins_with(known, language);
    for (size_t i = 0; i < known->n; i++)
        list = arena_printf(a, "%s%s%s", list, i == 0 ? "" : ", ", known->at[i]);
    if (right != NULL)
        return arena_printf(a, "there are no letters in \"%s\"; write %s (there are: %s)", language,
                            right, list);
    return arena_printf(a, "there are no letters in \"%s\"; write one of: %s", language, list);
}
