#include "template/sample.h"

static const struct {
    const char *name;
    const char *text;
    const char *japanese; /* NULL: the same */
} SAMPLES[] = {
    {"desk_name", "Example CERT", NULL},
    {"desk_address", "security@cert.example", NULL},
    {"desk_openpgp", "0123456789ABCDEF0123456789ABCDEF01234567", NULL},
    {"desk_smime", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", NULL},
    {"reader_name", "Acmeron PSIRT", "アクメロン株式会社 PSIRT"},
    {"reader_address", "psirt@acmeron.example", NULL},
    {"reader_org", "Acmeron", "アクメロン株式会社"},
    {"sent_at", "2026-12-01 09:00 UTC", NULL},
    {"letter_id", "L97", NULL},
    {"mark", "abcd-efgh-ijkl-mnop", NULL},
    {"code", "abcdefghijklmnop", NULL},
    {"received_at", "2026-11-30 08:15 UTC", NULL},
    {"key_problem", "key expired", "鍵の有効期限が切れています"},
    {"key_expires", "2026-12-31 23:59 UTC", NULL},
    {"case_id", "C42", NULL},
    {"case_title", "Length of records is not checked", "レコード長の検査不備"},
    {"case_summary",
     "A length that a file gives is used without a check. A crafted file\n"
     "makes the parser write past the end of a buffer.",
     "ファイル内の長さの値が検査されずに使われます。\n"
     "細工されたファイルにより、バッファの外に書き込まれる恐れがあります。"},
    {"reporter_summary", "A length that a file gives is used without a check.",
     "ファイル内の長さの値が検査されずに使われます。"},
    {"embargo_end", "2026-12-24 05:00 UTC", NULL},
    {"embargo_state", "active", "合意済み"},
    {"calendar_end", "20261224T050000Z", NULL},
    {"calendar_made", "20261201T090000Z", NULL},
    {"calendar_id", "abcdefghijklmnopqrstuvwxyz@cert.example", NULL},
    {"calendar_sequence", "97", NULL},
    {"proposed_end", "2027-01-15 05:00 UTC", NULL},
    {"proposed_by", "acmeron", NULL},
    {"own_reference", "[acmeron #1234]", NULL},
    {"status", "under-investigation", NULL},
    {"credit", "named", NULL},
    {"reporter_name", "Rhea Sandoval", NULL},
    {"report_id", "R17", NULL},
    {"message_id", "#812", NULL},
    {"piece_id", "3", NULL},
    {"from_name", "Rhea Sandoval", NULL},
    {"from_address", "rhea@research.example", NULL},
    {"from_party", "reporter 1", NULL},
    {"trust", "verified", NULL},
    {"trust_note", "signed inside the encryption by an approved key", NULL},
    {"sealed", "openpgp, encrypted and signed", NULL},
    {"subject", "A flaw", NULL},
    {"text", "Thank you. We are looking into it.", "ありがとうございます。現在調査しております。"},
    {"pieces.n", "3", NULL},
    {"pieces.from", "the reporter", "報告者"},
    {"pieces.at", "2026-11-30T08:15:00Z", NULL},
    {"pieces.text", "The parser of [redacted] trusts the first length.\nSee the file.",
     "[伏せ字]のパーサーは最初の長さを検査しません。\n添付をご覧ください。"},
    {"attachments.n", "3.1", NULL},
    {"attachments.filename", "poc.bin", NULL},
    {"attachments.type", "application/octet-stream", NULL},
    {"attachments.size", "1024", NULL},
    {"form.name", "share_release", NULL},
    {"form.value", "yes", NULL},
    {"send_id", "S5", NULL},
    {"send_at", "2026-12-01 09:10 UTC", NULL},
    {"letters.id", "L98", NULL},
    {"letters.org", "acmeron", NULL},
    {"letters.contact", "psirt", NULL},
    {"letters.address", "psirt@acmeron.example", NULL},
    {"letters.template", "vendor-notice", NULL},
    {"letters.key", "openpgp 01234567", NULL},
    {"letters.state", "held", NULL},
    {"letters.reason", "name in text: Globexia", NULL},
    {"letters.way_out", "Send-Anyway: L98 <reason>", NULL},
    {"parties.org", "Acmeron", NULL},
    {"parties.told_at", "2026-12-01 09:10 UTC", NULL},
    {"parties.state", "acknowledged", NULL},
    {"parties.status", "affected", NULL},
};

static const char *text_for(const struct variable *row, bool japanese)
{
    for (size_t i = 0; i < LEN(SAMPLES); i++) {
        if (strcmp(SAMPLES[i].name, row->name) == 0)
            return japanese && SAMPLES[i].japanese != NULL ? SAMPLES[i].japanese : SAMPLES[i].text;
    }
    return row->meaning;
}

static bool is_tlp(const struct variable *row)
{
    return strcmp(row->name, "tlp") == 0; /* the template's own word */
}

/* Rows that are fields of list (NULL: of none), as an object. */
static struct tvalue *object_of(struct arena *a, const struct variable *list, unsigned reader,
                                bool japanese)
{
    struct tvalue *object = tvalue_object(a);
    size_t n;
    const struct variable *rows = variables_all(&n);

    for (size_t i = 0; i < n; i++) {
        const char *name = variables_field(&rows[i], list);

        if (name == NULL || !(rows[i].audience & reader) || is_tlp(&rows[i]))
            continue;
        if (rows[i].type == VARIABLE_BOOL) {
            tvalue_set_bool(a, object, name, true);
        } else if (rows[i].type == VARIABLE_LIST) {
            struct tvalue *items = tvalue_list(a);

            tvalue_push(a, items, object_of(a, &rows[i], reader, japanese));
            tvalue_set(a, object, name, items);
        } else {
            tvalue_set_string(a, object, name, text_for(&rows[i], japanese));
        }
    }
    return object;
}

struct tvalue *sample_values(struct arena *a, enum template_audience reader, const char *language)
{
    return object_of(a, NULL, reader, strncmp(language, "ja", 2) == 0);
}
