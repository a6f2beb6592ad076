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
#define NONE TELLS_NOTHING
#define CASE TELLS_CASE
#define DETAIL TELLS_DETAILS

/* clang-format off */
static const struct variable VARIABLES[] = {
    /* name, type, audience, tells, meaning */
    {"desk_name", LINE, ALL, NONE, "the desk's name: Example CERT"},
    {"desk_address", LINE, ALL, NONE, "the desk's plain alias"},
    {"desk_openpgp", LINE, ALL, NONE, "fingerprint of the desk's OpenPGP key"},
    {"desk_smime", LINE, ALL, NONE, "SHA-256 of the desk's certificate"},
    {"reader_name", LINE, ALL, NONE, "the name of whom this letter is for"},
    {"reader_address", LINE, ALL, NONE, "the address it goes to"},
    {"reader_org", LINE, C | V | P, NONE, "the organisation of the reader"},
    {"sent_at", LINE, ALL, NONE, "when the letter was made: 2026-12-24 05:00 UTC"},
    {"letter_id", LINE, ALL, CASE, "L97"},
    {"desk_keys_attached", BOOL, ALL, NONE, "the desk's public keys go with this letter"},
    {"tlp", LINE, ALL, NONE, "TLP:AMBER; from the template, never from outside"},
    {"mark", LINE, ALL, CASE, "the distribution mark of this copy"},
    {"code", LINE, ALL, CASE, "one-time code for the reader's next command; empty: none"},
    {"received_at", LINE, ALL, NONE, "when the reader's own message came in"},
    {"key_problem", LINE, ALL, NONE, "why nothing can be encrypted to the reader, in general words"},
    {"key_expires", LINE, C | V | P, NONE, "when the reader's key runs out; empty: never"},
    {"key_expired", BOOL, ALL, NONE, "the reader's key has run out"},

    {"case_id", LINE, ALL, CASE, "C42"},
    {"case_title", LINE, ALL, DETAIL, "the title that a coordinator wrote"},
    {"case_summary", LINES, C | V | P, DETAIL, "the summary that a coordinator wrote"},
    {"reporter_summary", LINES, R, DETAIL, "the same summary, once it is shared with the reporter"},
    {"embargo_end", LINE, ALL, CASE, "the agreed end, with its zone; empty: none"},
    {"calendar_end", LINE, ALL, CASE, "the same for a calendar: 20261224T050000Z"},
    {"calendar_made", LINE, ALL, CASE, "when the letter was made, for a calendar"},
    {"calendar_id", LINE, ALL, CASE, "UID of the reader's entry: the same in all its letters"},
    {"calendar_sequence", LINE, ALL, CASE, "a number that grows with each letter"},
    {"embargo_state", LINE, ALL, CASE, "none, proposed, active, revise, exited"},
    {"proposed_end", LINE, ALL, CASE, "the end that is proposed"},
    {"proposed_by", LINE, C, CASE, "the party that proposes it"},
    {"case_public", BOOL, ALL, CASE, "the case is published"},
    {"own_reference", LINE, ALL, CASE, "the reader's own number for the case: [acme #1234]"},
    {"status", LINE, C | V, CASE, "the reader's own status: affected, not-affected ..."},
    {"credit", LINE, C | R, CASE, "whether a reporter is named in public: named or anonymous"},
    {"reporter_name", LINE, C | V | P, DETAIL, "who reported; empty unless the reporter agreed"},

    {"report_id", LINE, ALL, CASE, "R17"},
    {"message_id", LINE, C, CASE, "the desk's number of the message: #812"},
    {"piece_id", LINE, C, CASE, "the number of the piece in its case: 3"},
    {"from_name", LINE, C, CASE, "display name in the message's From"},
    {"from_address", LINE, C, CASE, "address in the message's From"},
    {"from_party", LINE, C, CASE, "the party it was filed for; empty: a stranger"},
    {"trust", LINE, C, CASE, "verified, signed, token, claimed, bad"},
    {"trust_note", LINE, C, CASE, "one sentence on what that rests on"},
    {"sealed", LINE, C, CASE, "how it was protected: openpgp, encrypted and signed"},
    {"subject", LINE, C, CASE, "its subject"},
    {"text", LINES, ALL, CASE, "the text this letter is about; in a coordinator's copy: theirs"},
    {"undecryptable", BOOL, C, CASE, "the message could not be opened"},
    {"unplaced", BOOL, C, CASE, "it names the case and proves nothing"},
    {"duplicate_of", LINE, C, CASE, "the message that it is like: #7"},
    {"is_command", BOOL, C, CASE, "it holds a command block"},
    {"is_new_report", BOOL, C, CASE, "it waits in the queue of reports"},

    {"pieces", LIST, ALL, DETAIL, "what is shared with the reader"},
    {"pieces.n", LINE, ALL, DETAIL, "number: 3"},
    {"pieces.from", LINE, ALL, DETAIL, "whose: the reporter, a vendor, your organisation"},
    {"pieces.at", LINE, ALL, DETAIL, "when it came in"},
    {"pieces.text", LINES, ALL, DETAIL, "its text, redacted for the reader"},

    {"attachments", LIST, ALL, DETAIL, "files: with this letter, or of the message it tells about"},
    {"attachments.n", LINE, ALL, DETAIL, "number: 3.1"},
    {"attachments.filename", LINE, ALL, DETAIL, "name"},
    {"attachments.type", LINE, ALL, DETAIL, "type"},
    {"attachments.size", LINE, ALL, DETAIL, "bytes"},
    {"attachments.carries", LINE, C, DETAIL, "what it says of its makers, and why it was not read"},

    {"form", LIST, C, CASE, "what the message answers in a report form"},
    {"form.name", LINE, C, CASE, "the field: share_release"},
    {"form.value", LINE, C, CASE, "its answer, shortened"},

    {"problems", LIST, ALL, CASE, "what is wrong, and how to mend it"},
    {"problems.what", LINE, ALL, CASE, "one sentence"},
    {"warnings", LIST, C, CASE, "what a coordinator should look at"},
    {"warnings.what", LINE, C, CASE, "one sentence"},
    {"done", LIST, ALL, CASE, "what a command did"},
    {"done.what", LINE, ALL, CASE, "one sentence"},
    {"refused", BOOL, ALL, CASE, "a command did nothing"},
    {"lines", LIST, ALL, CASE, "an answer's further lines: mistakes, a plan"},
    {"lines.what", LINE, ALL, CASE, "one of them"},
    {"commands", LINES, ALL, CASE, "the names of the commands that its reader may write next"},
    {"send_id", LINE, C, CASE, "S5"},
    {"send_at", LINE, C, CASE, "when the letters of the send begin to go"},
    {"letters", LIST, C, CASE, "the letters of a send"},
    {"letters.id", LINE, C, CASE, "L97"},
    {"letters.org", LINE, C, CASE, "organisation"},
    {"letters.contact", LINE, C, CASE, "contact"},
    {"letters.address", LINE, C, CASE, "address"},
    {"letters.template", LINE, C, CASE, "which letter: vendor-notice"},
    {"letters.key", LINE, C, CASE, "protocol and key"},
    {"letters.state", LINE, C, CASE, "planned, held ..."},
    {"letters.reason", LINE, C, CASE, "why it is held"},
    {"letters.way_out", LINE, C, CASE, "what can be done: Send-Anyway: L97 <reason>"},
    {"parties", LIST, C | P, DETAIL, "who is told"},
    {"parties.org", LINE, C | P, DETAIL, "organisation"},
    {"parties.told_at", LINE, C | P, DETAIL, "when"},
    {"parties.state", LINE, C | P, DETAIL, "contact state"},
    {"parties.status", LINE, C | P, DETAIL, "status"},
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
#undef NONE
#undef CASE
#undef DETAIL

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
