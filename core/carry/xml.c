#include <libxml/xmlreader.h>

#include "base/base.h"
#include "carry/carrier.h"

/* Elements and attributes that name somebody, in OOXML, ODF and XMP. */
static const struct {
    const char *name;
    const char *fact;
} telling[] = {
    {"creator", "author"},
    {"initial-creator", "author"},
    {"author", "author"},
    {"lastModifiedBy", "last modified by"},
    {"printed-by", "printed by"},
    {"Company", "company"},
    {"Manager", "manager"},
    {"Application", "software"},
    {"generator", "software"},
    {"CreatorTool", "software"},
    {"Producer", "software"},
    {"OwnerName", "owner"},
    {"CameraOwnerName", "owner"},
    {"SerialNumber", "serial number"},
    {"BodySerialNumber", "serial number"},
    {"LensSerialNumber", "serial number"},
    {"Artist", "artist"},
    {"Credit", "credit"},
    {"Source", "source"},
    {"City", "place"},
    {"GPSLatitude", "position"},
    {"GPSLongitude", "position"},
    {"documentID", "document id"},
    {"DocumentID", "document id"},
};

/* Attributes with words that a reader sees, or that lead somewhere. */
static const char *const worded[] = {"Target",      "href",  "name",     "descr", "title", "alt",
                                     "displayName", "email", "initials", "label", "userId"};

/* What stands within a line: no word ends with it. */
static const char *const within_line[] = {"t",    "span",      "a",     "s",       "b",
                                          "i",    "em",        "u",     "bdi",     "strong",
                                          "font", "instrText", "tspan", "delText", "line-break"};

struct reading {
    struct carrier *c;
    struct buf line;
    const char *fact; /* of an open element that names somebody */
    int fact_depth;
};

static const char *fact_of(const char *name)
{
    for (size_t i = 0; i < LEN(telling); i++) {
        if (strcmp(name, telling[i].name) == 0)
            return telling[i].fact;
    }
    return NULL;
}

static bool one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void line_end(struct reading *r)
{
    carry_text(r->c, buf_span(&r->line));
    r->line.n = 0;
    r->line.full = false;
}

static void add_value(struct reading *r, xmlTextReaderPtr reader)
{
    struct span value = span_str((const char *)xmlTextReaderConstValue(reader));

    if (r->fact != NULL)
        carry_fact(r->c, r->fact, value);
    if (value.n > r->line.max - r->line.n)
        line_end(r);
    if (value.n > r->line.max)
        carry_text(r->c, value);
    else
        buf_add_span(&r->line, value);
}

static void read_attributes(struct reading *r, xmlTextReaderPtr reader)
{
    while (xmlTextReaderMoveToNextAttribute(reader) == 1) {
        const char *name = (const char *)xmlTextReaderConstLocalName(reader);
        struct span value = span_str((const char *)xmlTextReaderConstValue(reader));

        if (name == NULL)
            continue;
        if (fact_of(name) != NULL)
            carry_fact(r->c, fact_of(name), value);
        if (fact_of(name) != NULL || one_of(name, worded, LEN(worded)))
            carry_text(r->c, value);
    }
    xmlTextReaderMoveToElement(reader);
}

static void begin_element(struct reading *r, xmlTextReaderPtr reader)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(reader);
    int depth = xmlTextReaderDepth(reader);

    if (name == NULL)
        return;
    if (!one_of(name, within_line, LEN(within_line)) && r->fact != NULL)
        line_end(r);
    if (r->fact == NULL && fact_of(name) != NULL && !xmlTextReaderIsEmptyElement(reader)) {
        line_end(r);
        r->fact = fact_of(name);
        r->fact_depth = depth;
    }
    if (xmlTextReaderHasAttributes(reader) == 1)
        read_attributes(r, reader);
}

/* A run's own settings stand between two halves of a word; they hold no text. */
static void end_element(struct reading *r, xmlTextReaderPtr reader)
{
    static const char *const silent[] = {"r", "rPr", "pPr", "ins", "del", "hyperlink", "smartTag"};
    const char *name = (const char *)xmlTextReaderConstLocalName(reader);

    if (name == NULL ||
        (!one_of(name, within_line, LEN(within_line)) && !one_of(name, silent, LEN(silent))))
        line_end(r);
    if (r->fact != NULL && xmlTextReaderDepth(reader) <= r->fact_depth)
        r->fact = NULL;
}

static void read_node(struct reading *r, xmlTextReaderPtr reader)
{
    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_ELEMENT:
        begin_element(r, reader);
        break;
    case XML_READER_TYPE_END_ELEMENT:
        end_element(r, reader);
        break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        add_value(r, reader);
        break;
    case XML_READER_TYPE_COMMENT:
    case XML_READER_TYPE_PROCESSING_INSTRUCTION:
        carry_text(r->c, span_str((const char *)xmlTextReaderConstValue(reader)));
        break;
    case XML_READER_TYPE_ENTITY_REFERENCE:
        carry_unread(r->c, "text behind an XML entity");
        break;
    default:
        break;
    }
}

void carry_xml(struct carrier *c, struct span bytes)
{
    struct reading r = {.c = c, .line = buf_new(c->a, 64 * 1024)};
    xmlTextReaderPtr reader = NULL;
    int more;

    if (bytes.n <= INT_MAX)
        reader = xmlReaderForMemory((const char *)bytes.at, (int)bytes.n, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (reader == NULL) {
        carry_unread(c, "XML that can't be read");
        return;
    }
    while ((more = xmlTextReaderRead(reader)) == 1 && !c->out.text.full)
        read_node(&r, reader);
    line_end(&r);
    if (more < 0) { /* not XML, or broken: its letters as they are */
        carry_words(c, bytes, true);
        carry_unread(c, "broken XML");
    }
    xmlFreeTextReader(reader);
}
