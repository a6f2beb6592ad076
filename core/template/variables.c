#include "template/variables.h"

#include "base/text.h"

#define C TEMPLATE_COORDINATOR
#define R TEMPLATE_REPORTER
#define V TEMPLATE_VENDOR
#define P TEMPLATE_PARTNER
#define ALL TEMPLATE_ALL
#define LINE VARIABLE_LINE
#define LINES VARIABLE_LINES
#define BOOL VARIABLE_BOOL
#define LIST VARIABLE_LIST

/* clang-format off */
static const struct variable VARIABLES[] = {
    /* name, type, audience, clear, meaning */
    {"desk_name", LINE, ALL, true, "the desk's name: Example CERT"},
    {"desk_address", LINE, ALL, true, "the desk's plain alias"},
    {"desk_openpgp", LINE, ALL, true, "fingerprint of the desk's OpenPGP key"},
    {"desk_smime", LINE, ALL, true, "SHA-256 of the desk's certificate"},
    {"reader_name", LINE, ALL, true, "the name of whom this letter is for"},
    {"reader_address", LINE, ALL, true, "the address it goes to"},
    {"reader_org", LINE, C | V | P, true, "the organisation of the reader"},
    {"sent_at", LINE, ALL, true, "when the letter was made: 2026-12-24 05:00 UTC"},
    {"letter_id", LINE, ALL, false, "L97"},
    {"desk_keys_attached", BOOL, ALL, true, "the desk's public keys go with this letter"},
    {"tlp", LINE, ALL, true, "TLP:AMBER; from the template, never from outside"},
    {"mark", LINE, ALL, false, "the distribution mark of this copy"},
    {"code", LINE, ALL, false, "one-time code for the reader's next command; empty: none"},
    {"received_at", LINE, ALL, true, "when the reader's own message came in"},
    {"key_problem", LINE, ALL, true, "why nothing can be encrypted to the reader, in general words"},
    {"key_expires", LINE, C | V | P, true, "when the reader's key runs out; empty: never"},
    {"key_expired", BOOL, ALL, true, "the reader's key has run out"},

    {"case_id", LINE, ALL, false, "C42"},
    {"case_title", LINE, ALL, false, "the title that a coordinator wrote"},
    {"case_summary", LINES, C | V | P, false, "the summary that a coordinator wrote"},
    {"reporter_summary", LINES, R, false, "the same summary, once it is shared with the reporter"},
    {"embargo_end", LINE, ALL, false, "the agreed end, with its zone; empty: none"},
    {"calendar_end", LINE, ALL, false, "the same for a calendar: 20261224T050000Z"},
    {"calendar_made", LINE, ALL, false, "when the letter was made, for a calendar"},
    {"calendar_id", LINE, ALL, false, "UID of the reader's entry: the same in all its letters"},
    {"calendar_sequence", LINE, ALL, false, "a number that grows with each letter"},
    {"embargo_state", LINE, ALL, false, "none, proposed, active, revise, exited"},
    {"proposed_end", LINE, ALL, false, "the end that is proposed"},
    {"proposed_by", LINE, C, false, "the party that proposes it"},
    {"case_public", BOOL, ALL, false, "the case is published"},
    {"own_reference", LINE, ALL, false, "the reader's own number for the case: [acme #1234]"},
    {"status", LINE, C | V, false, "the reader's own status: affected, not-affected ..."},
    {"credit", LINE, C | R, false, "whether a reporter is named in public: named or anonymous"},
    {"reporter_name", LINE, C | V | P, false, "who reported; empty unless the reporter agreed"},

    {"report_id", LINE, ALL, false, "R17"},
    {"message_id", LINE, C, false, "the desk's number of the message: #812"},
    {"piece_id", LINE, C, false, "the number of the piece in its case: 3"},
    {"from_name", LINE, C, false, "display name in the message's From"},
    {"from_address", LINE, C, false, "address in the message's From"},
    {"from_party", LINE, C, false, "the party it was filed for; empty: a stranger"},
    {"trust", LINE, C, false, "verified, signed, token, claimed, bad"},
    {"trust_note", LINE, C, false, "one sentence on what that rests on"},
    {"sealed", LINE, C, false, "how it was protected: openpgp, encrypted and signed"},
    {"subject", LINE, C, false, "its subject"},
    {"text", LINES, ALL, false, "the text this letter is about; in a coordinator's copy: theirs"},
    {"undecryptable", BOOL, C, false, "the message could not be opened"},
    {"unplaced", BOOL, C, false, "it names the case and proves nothing"},
    {"duplicate_of", LINE, C, false, "the message that it is like: #7"},
    {"is_command", BOOL, C, false, "it holds a command block"},
    {"is_new_report", BOOL, C, false, "it waits in the queue of reports"},

    {"pieces", LIST, ALL, false, "what is shared with the reader"},
    {"pieces.n", LINE, ALL, false, "number: 3"},
    {"pieces.from", LINE, ALL, false, "whose: the reporter, a vendor, your organisation"},
    {"pieces.at", LINE, ALL, false, "when it came in"},
    {"pieces.text", LINES, ALL, false, "its text, redacted for the reader"},

    {"attachments", LIST, ALL, false, "files: with this letter, or of the message it tells about"},
    {"attachments.n", LINE, ALL, false, "number: 3.1"},
    {"attachments.filename", LINE, ALL, false, "name"},
    {"attachments.type", LINE, ALL, false, "type"},
    {"attachments.size", LINE, ALL, false, "bytes"},
    {"attachments.carries", LINE, C, false, "what it says of its makers, and why it was not read"},

    {"form", LIST, C, false, "what the message answers in a report form"},
    {"form.name", LINE, C, false, "the field: share_release"},
    {"form.value", LINE, C, false, "its answer, shortened"},

    {"problems", LIST, C | V | R, false, "what is wrong, and how to mend it"},
    {"problems.what", LINE, C | V | R, false, "one sentence"},
    {"warnings", LIST, C, false, "what a coordinator should look at"},
    {"warnings.what", LINE, C, false, "one sentence"},
    {"done", LIST, ALL, false, "what a command did"},
    {"done.what", LINE, ALL, false, "one sentence"},
    {"refused", BOOL, C | R | V, false, "a command did nothing"},
    {"lines", LIST, C | R | V, false, "an answer's further lines: mistakes, a plan"},
    {"lines.what", LINE, C | R | V, false, "one of them"},
    {"send_id", LINE, C, false, "S5"},
    {"send_at", LINE, C, false, "when the letters of the send begin to go"},
    {"letters", LIST, C, false, "the letters of a send"},
    {"letters.id", LINE, C, false, "L97"},
    {"letters.org", LINE, C, false, "organisation"},
    {"letters.contact", LINE, C, false, "contact"},
    {"letters.address", LINE, C, false, "address"},
    {"letters.template", LINE, C, false, "which letter: vendor-notice"},
    {"letters.key", LINE, C, false, "protocol and key"},
    {"letters.state", LINE, C, false, "planned, held ..."},
    {"letters.reason", LINE, C, false, "why it is held"},
    {"letters.way_out", LINE, C, false, "what can be done: Send-Anyway: L97 <reason>"},
    {"parties", LIST, C | P, false, "who is told"},
    {"parties.org", LINE, C | P, false, "organisation"},
    {"parties.told_at", LINE, C | P, false, "when"},
    {"parties.state", LINE, C | P, false, "contact state"},
    {"parties.status", LINE, C | P, false, "status"},
};
/* clang-format on */

#undef C
#undef R
#undef V
#undef P
#undef ALL
#undef LINE
#undef LINES
#undef BOOL
#undef LIST

const struct variable *variables_all(size_t *ret_n)
{
    *ret_n = LEN(VARIABLES);
    return VARIABLES;
}

const char *variables_field(const struct variable *row, const struct variable *list)
{
    const char *dot = strchr(row->name, '.');

    if (list == NULL)
        return dot == NULL ? row->name : NULL;
    if (dot == NULL || (size_t)(dot - row->name) != strlen(list->name) ||
        strncmp(row->name, list->name, strlen(list->name)) != 0)
        return NULL;
    return dot + 1;
}

const struct variable *variables_find(const struct variable *list, struct span name)
{
    for (size_t i = 0; i < LEN(VARIABLES); i++) {
        const char *field = variables_field(&VARIABLES[i], list);

        if (field != NULL && span_eq_str(name, field))
            return &VARIABLES[i];
    }
    return NULL;
}

const char *variables_nearest(struct arena *a, struct span name)
{
    const char *names[2 * LEN(VARIABLES)];
    size_t n = 0;

    for (size_t i = 0; i < LEN(VARIABLES); i++) {
        const char *dot = strchr(VARIABLES[i].name, '.');

        names[n++] = VARIABLES[i].name;
        if (dot != NULL)
            names[n++] = dot + 1;
    }
    return text_nearest(span_dup(a, name), names, n);
}
