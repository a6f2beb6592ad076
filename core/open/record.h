/*
 * record.h - the message model as the JSON of `embargoctl open` (formats: 1).
 */
#ifndef OPEN_RECORD_H
#define OPEN_RECORD_H

#include "model/json.h"

/* One object with every key there; file as given; error NULL: it was answered. from (may be NULL)
 * stands in for the message's own. The caller's reference. */
json_t *record_make(struct arena *a, const char *file, const char *error, const char *from,
                    const struct message *message);

#endif
