#include "open/record.h"

#include "base/text.h"

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *list(const struct strs *strs)
{
    json_t *array = json_array();

    for (size_t i = 0; i < strs->n; i++)
        json_array_append_new(array, json_string(strs->at[i]));
    return array;
}

static json_t *seal_json(struct arena *a, const struct seal *seal)
{
    json_t *o = json_object();

    json_object_set_new(o, "layer", json_integer(seal->layer));
    json_object_set_new(o, "protocol", json_string(protocol_words[seal->protocol]));
    json_object_set_new(o, "kind", json_string(seal_kind_words[seal->kind]));
    json_object_set_new(o, "status", json_string(seal_status_words[seal->status]));
    json_object_set_new(o, "signer", text_or_null(seal->signer));
    json_object_set_new(o, "covers", json_string(seal->covers_whole ? "whole" : "part"));
    json_object_set_new(o, "path", text_or_null(seal->path));
    json_object_set_new(o, "algorithms", list(&seal->algorithms));
    json_object_set_new(o, "time",
                        seal->time == 0 ? json_null() : json_string(text_rfc3339(a, seal->time)));
    return o;
}

static json_t *part_json(const struct part *part)
{
    json_t *o = json_object();

    json_object_set_new(o, "path", text_or_null(part->path));
    json_object_set_new(o, "type", text_or_null(part->type));
    json_object_set_new(o, "charset", text_or_null(part->charset));
    json_object_set_new(o, "filename", text_or_null(part->filename));
    json_object_set_new(o, "size", json_integer((json_int_t)part->size));
    return o;
}

static void set_lists(struct arena *a, json_t *o, const struct message *m)
{
    json_t *seals = json_array();
    json_t *parts = json_array();
    json_t *keys = json_array();

    for (size_t i = 0; i < m->n_seals; i++)
        json_array_append_new(seals, seal_json(a, &m->seals[i]));
    for (size_t i = 0; i < m->n_parts; i++)
        json_array_append_new(parts, part_json(&m->parts[i]));
    for (size_t i = 0; i < m->n_keys; i++)
        json_array_append_new(keys, json_string(m->keys[i].fingerprint));
    json_object_set_new(o, "seals", seals);
    json_object_set_new(o, "parts", parts);
    json_object_set_new(o, "keys", keys);
    json_object_set_new(o, "repairs", list(&m->repairs));
    json_object_set_new(o, "defects", list(&m->defects));
}

static json_t *form_json(const struct message *m)
{
    json_t *o = json_object();

    for (size_t i = 0; i < m->n_form; i++)
        json_object_set_new(o, m->form[i].name, json_string(m->form[i].value));
    return o;
}

json_t *record_make(struct arena *a, const char *file, const char *error, const char *from,
                    const struct message *message)
{
    static const struct message nothing = {.subject = "", .text = "", .trust = TRUST_CLAIMED};
    const struct message *m = message == NULL ? &nothing : message;
    json_t *o = json_object();

    json_object_set_new(o, "file", json_string(file));
    json_object_set_new(o, "error", text_or_null(error));
    json_object_set_new(o, "from", text_or_null(from != NULL ? from : m->from));
    json_object_set_new(o, "subject", json_string(m->subject));
    json_object_set_new(o, "trust",
                        message == NULL ? json_null() : json_string(trust_words[m->trust]));
    json_object_set_new(o, "headers_protected", json_boolean(m->headers_protected));
    json_object_set_new(o, "text", json_string(m->text));
    json_object_set_new(o, "form", form_json(m));
    json_object_set_new(o, "automatic",
                        m->automatic == AUTOMATIC_NO ? json_null()
                                                     : json_string(automatic_words[m->automatic]));
    set_lists(a, o, m);
    return o;
}
