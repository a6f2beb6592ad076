/*
 * strict-field.h - one header block, and what stands in Content-* fields; the strict way.
 *
 * Promises: exact spans into the input; one way to read everything, and a refusal where there could
 * be two. Does not: repair, guess, or decode bodies.
 */
#ifndef MIME_STRICT_FIELD_H
#define MIME_STRICT_FIELD_H

#include "mime/strict.h"

struct strict_field {
    struct span name;
    struct span value; /* unfolded: without the line breaks, blanks kept; trimmed */
};

struct strict_block {
    struct strict_field *at;
    size_t n;
    struct span body; /* behind the empty line */
};

/* Reads the fields from byte 0. No Content-* field may be there twice. */
enum strict_refusal strict_block_read(struct arena *a, struct span entity,
                                      struct strict_block *ret_block);

/* The value of a field (letter case ignored), or a span with at == NULL. */
struct span strict_block_value(const struct strict_block *block, const char *name);

enum { STRICT_PARAMETERS_MAX = 40 };

/* "text/plain; charset=utf-8": the first word in lower case, and the parameters. */
struct strict_content {
    const char *word;
    size_t n;
    const char *names[STRICT_PARAMETERS_MAX]; /* lower case */
    struct span values[STRICT_PARAMETERS_MAX];
};

enum strict_refusal strict_content_read(struct arena *a, struct span value,
                                        struct strict_content *ret_content);

/* The parameter, or a span with at == NULL; STRICT_PARAMETER if it is there in an RFC 2231 form. */
enum strict_refusal strict_content_value(const struct strict_content *content, const char *name,
                                         struct span *ret_value);

/* A file name: plain, or in RFC 2231 sections as mime/write makes them. NULL: none. */
enum strict_refusal strict_content_filename(struct arena *a, const struct strict_content *content,
                                            const char *name, const char **ret_filename);

/* Encoded words as mime/write makes them (utf-8, B) decoded; STRICT_HEADER for any other. */
enum strict_refusal strict_words(struct arena *a, struct span value, const char **ret_text);

#endif
