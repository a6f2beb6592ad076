/* Setup lines: who is there before the story begins. */
#include "test/scenario/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/work.h"

struct setting {
    struct stage *s;
    const struct line *line;
    const char *slug;
    bool desk;
};

static size_t word_index(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (word && strcmp(words[i], word) == 0)
            return i;
    return 0;
}

static bool put_org(struct setting *set, struct txn *txn, struct arena *a, struct org *org,
                    struct err *err)
{
    const char *trust = line_value(set->line, "trust");
    const char *role = line_value(set->line, "role");
    const char *group = line_value(set->line, "group");
    *org = (struct org){
        .slug = set->desk ? DESK_SLUG : set->slug,
        .name =
            set->desk ? "Example CERT" : arena_printf(a, "%c%s", set->slug[0] - 32, set->slug + 1),
        .role = set->desk ? ORG_DESK : (enum org_role)word_index(org_role_words, 3, role),
        .trust = (enum org_trust)word_index(org_trust_words, 3, trust ? trust : "nda"),
    };
    if (!set->desk)
        strs_add(a, &org->domains, arena_printf(a, "%s.example", set->slug));
    if (group)
        strs_add(a, &org->groups, group);
    return txn_put_org(txn, org, err);
}

static bool put_contact(struct setting *set, struct txn *txn, struct arena *a, uint32_t org,
                        const char *slug, const char *email, struct err *err)
{
    const char *key = line_value(set->line, "key");
    bool none = key && strcmp(key, "none") == 0;
    struct contact contact = {
        .org = org, .slug = slug, .name = slug, .email = email, .protocol = PROTOCOL_OPENPGP};
    if (key && strcmp(key, "absent") == 0) /* an org without contacts */
        return true;
    if (!txn_put_contact(txn, &contact, err))
        return false;
    if (none)
        return true;
    contact.key = arena_printf(a, "C0DE%036u", contact.id);
    struct key row = {
        .fingerprint = contact.key,
        .protocol = PROTOCOL_OPENPGP,
        .state = KEY_APPROVED,
        .contact = contact.id,
        .bytes = span_str("key"),
        .expires = key && strcmp(key, "expired") == 0 ? set->s->now - 86400 : 0,
    };
    return txn_put_contact(txn, &contact, err) && txn_put_key(txn, &row, err);
}

static bool put_cast(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct setting *set = ctx;
    struct org org;
    const struct org *desk =
        set->s->directory ? directory_org_slug(set->s->directory, span_str(DESK_SLUG)) : NULL;
    if (set->desk && desk)
        org = *desk;
    else if (!put_org(set, txn, a, &org, err))
        return false;
    return set->desk ? put_contact(set, txn, a, org.id, set->slug,
                                   arena_printf(a, "%s@cert.example", set->slug), err)
                     : put_contact(set, txn, a, org.id, "psirt",
                                   arena_printf(a, "psirt@%s.example", set->slug), err);
}

static void set_org(struct stage *s, const struct line *line, const char *slug, bool desk)
{
    struct err err;
    struct setting set = {.s = s, .line = line, .slug = slug, .desk = desk};
    if (s->directory && !desk && directory_org_slug(s->directory, span_str(slug)))
        return;
    if (!store_write(s->store, put_cast, &set, &err))
        stage_fail("org", err.text);
    stage_directory(s);
}

/* ---- a case that stands before the story ---- */

struct making {
    struct stage *s;
    const struct line *line;
    bool party; /* add one, else open a case */
    char codes[4][CODE_CHARS + 1];
    const char *who[4];
    size_t n;
};

static void make_code(struct making *m, struct work *w, const char *who, struct place place,
                      struct code row)
{
    row.place = place;
    row.issued = w->moment->now;
    snprintf(m->codes[m->n], sizeof(m->codes[0]), "%s", work_code_new(w, &row));
    m->who[m->n++] = who;
}

static void make_piece(struct making *m, struct work *w, struct work_case *c)
{
    static struct piece_part parts[] = {
        {.n = 1, .path = "1", .type = "text/plain", .size = 40},
        {.n = 2, .path = "2", .type = "application/zip", .size = 400, .filename = "poc.zip"}};
    (void)m;
    work_event(w, c,
               &(struct event){
                   .kind = EVENT_FILED,
                   .party = 1,
                   .piece = 1,
                   .piece_kind = PIECE_REPORT,
                   .trust = TRUST_CLAIMED,
                   .parts = parts,
                   .n_parts = LEN(parts),
                   .message_id = "report@finder.example",
               });
}

static void make_case(struct making *m, struct work *w)
{
    const struct line *line = m->line;
    struct place place;
    if (!place_from_name(span_str(line->at[1]), &place))
        stage_fail("no case", line->at[1]);
    w->changes->last_case = place.number - 1;
    struct work_case *c = work_case_open(w, "Overflow in libfoo");
    bool keyless = line_has(line, "keyless");
    const struct contact *aiko = directory_coordinator(m->s->directory, span_str("aiko"));
    const struct contact *ben = directory_coordinator(m->s->directory, span_str("ben"));
    work_event(w, c, &(struct event){.kind = EVENT_VULN_ADDED, .vuln = 1, .text = ""});
    work_add_party(w, c,
                   &(struct event){
                       .party_kind = PARTY_REPORTER,
                       .address = "rhea@finder.example",
                       .name = "Rhea",
                       .key = keyless ? NULL : stage_reporter_key(m->s->a, 1),
                       .protocol = keyless ? PROTOCOL_NONE : PROTOCOL_OPENPGP,
                       .key_bytes = span_str(keyless ? NULL : "key"),
                   });
    work_add_party(
        w, c,
        &(struct event){.party_kind = PARTY_COORDINATOR, .contact = aiko->id, .org = aiko->org});
    work_event(w, c, &(struct event){.kind = EVENT_OWNER, .text = "aiko"});
    if (!line_has(line, "no-summary"))
        work_event(w, c, &(struct event){.kind = EVENT_SUMMARY, .text = "A buffer overflow."});
    make_piece(m, w, c);
    make_code(m, w, "aiko", place, (struct code){.contact = aiko->id});
    make_code(m, w, "ben", place, (struct code){.contact = ben->id});
    make_code(m, w, "reporter", place, (struct code){.party = 1});
    work_id(w, "told-reporter",
            &(struct known_id){.place = place, .party = 1, .letter = UINT32_MAX});
    work_id(
        w, "told-aiko",
        &(struct known_id){.place = place, .party = 2, .contact = aiko->id, .letter = UINT32_MAX});
    work_id(w, "report@finder.example",
            &(struct known_id){.place = place, .party = 1, .mail = 999});
}

static void make_party(struct making *m, struct work *w)
{
    const struct line *line = m->line;
    struct place place = {.kind = PLACE_CASE, .number = m->s->last_case};
    struct work_case *c = work_case(w, place.number);
    const struct org *org = directory_org_slug(m->s->directory, span_str(line->at[1]));
    const struct contact *contact = directory_reader(m->s->directory, org->id, m->s->now);
    struct party *party = work_add_party(
        w, c,
        &(struct event){.party_kind = org->role == ORG_PARTNER ? PARTY_PARTNER : PARTY_VENDOR,
                        .org = org->id});
    for (size_t i = 0; i < LEN(contact_state_words); i++)
        if (i > 0 && line_has(line, contact_state_words[i]))
            work_event(w, c,
                       &(struct event){.kind = EVENT_CONTACT_STATE,
                                       .party = party->n,
                                       .contact_state = (enum contact_state)i});
    if (!contact)
        return;
    make_code(m, w, org->slug, place,
              (struct code){.org = org->id, .party = party->n, .contact = contact->id});
    work_id(w, arena_printf(w->a, "told-%s", org->slug),
            &(struct known_id){
                .place = place, .party = party->n, .contact = contact->id, .letter = UINT32_MAX});
}

static bool make(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct making *m = ctx;
    struct rows rows;
    struct view view;
    struct work w;
    struct changes changes;
    struct moment moment = stage_moment(m->s);
    txn_rows(txn, &rows);
    stage_view(m->s, &rows, &view);
    work_start(&w, &view, &moment, a, &changes, err);
    m->n = 0;
    if (m->party)
        make_party(m, &w);
    else
        make_case(m, &w);
    return work_finish(&w) && txn_put_changes(txn, &changes, err);
}

static void set_case(struct stage *s, const struct line *line, bool party)
{
    struct err err;
    struct making m = {.s = s, .line = line, .party = party};
    if (party)
        set_org(s, line, line->at[1], false);
    if (!store_write(s->store, make, &m, &err))
        stage_fail("case", err.text);
    struct place place = {.kind = PLACE_CASE, .number = s->last_case};
    if (!party) {
        if (!place_from_name(span_str(line->at[1]), &place))
            stage_fail("no case", line->at[1]);
        s->last_case = place.number;
    }
    for (size_t i = 0; i < m.n; i++)
        stage_give(s, m.who[i], place_name(s->a, place), m.codes[i]);
}

static void set_policy(struct stage *s, const struct line *line)
{
    const char *delay = line_value(line, "send-delay");
    if (line_has(line, "terms-before-details"))
        s->policy.terms_before_details = true;
    if (line_has(line, "two-persons"))
        s->policy.two_persons = true;
    if (line_has(line, "auto-answer")) {
        s->policy.auto_answer = true;
        s->policy.answers_per_person = (uint32_t)strtoul(line->at[2], NULL, 10);
        s->policy.answers_per_domain = (uint32_t)strtoul(line->at[3], NULL, 10);
        s->policy.answers_in_all = (uint32_t)strtoul(line->at[4], NULL, 10);
    }
    if (line_has(line, "dsn-by-message-id"))
        s->policy.dsn_by_message_id = true;
    if (delay && !text_to_duration(span_str(delay), &s->policy.send_delay))
        stage_fail("send-delay", delay);
}

bool stage_set(struct stage *s, const struct line *line)
{
    const char *word = line->at[0];
    if (strcmp(word, "coordinator") == 0)
        set_org(s, line, line->at[1], true);
    else if (strcmp(word, "org") == 0)
        set_org(s, line, line->at[1], false);
    else if (strcmp(word, "case") == 0)
        set_case(s, line, false);
    else if (strcmp(word, "party") == 0)
        set_case(s, line, true);
    else if (strcmp(word, "policy") == 0)
        set_policy(s, line);
    else if (strcmp(word, "term") == 0) {
        strs_add(s->a, &s->terms_wanted, arena_strdup(s->a, line->at[1]));
        stage_directory(s);
    } else
        return false;
    return true;
}
