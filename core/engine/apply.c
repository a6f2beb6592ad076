#include "engine/apply.h"

static void copy_u32s(struct arena *a, struct u32s *list, const struct u32s *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (!u32s_has(list, from->at[i]))
            u32s_add(a, list, from->at[i]);
}

static void copy_strs(struct arena *a, struct strs *list, const struct strs *from)
{
    for (size_t i = 0; i < from->n; i++)
        strs_add(a, list, arena_strdup(a, from->at[i]));
}

static void drop_u32s(struct u32s *list, const struct u32s *gone)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (!u32s_has(gone, list->at[i]))
            list->at[kept++] = list->at[i];
    list->n = kept;
}

static void add_word(struct arena *a, struct strs *list, const char *word)
{
    if (!strs_has(list, word))
        strs_add(a, list, arena_strdup(a, word));
}

static bool same(const char *x, const char *y)
{
    return x && y && span_eq_str(span_str(x), y);
}

static void drop_word(struct strs *list, const char *word)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (!same(list->at[i], word))
            list->at[kept++] = list->at[i];
    list->n = kept;
}

/* The last PARTY_THREAD_MAX Message-IDs; a repeat stays where it was. */
static void thread_add(struct arena *a, struct strs *thread, const char *message_id)
{
    if (!message_id || strs_has(thread, message_id))
        return;
    strs_add(a, thread, arena_strdup(a, message_id));
    if (thread->n <= PARTY_THREAD_MAX)
        return;
    for (size_t i = 1; i < thread->n; i++)
        thread->at[i - 1] = thread->at[i];
    thread->n--;
}

static void add_party(struct arena *a, const struct event *e, struct case_head *head,
                      struct party *p)
{
    if (e->party > head->n_parties)
        head->n_parties = e->party;
    if (!p)
        return;
    p->n = e->party;
    p->kind = e->party_kind;
    p->removed = false;
    p->org = e->org;
    if (e->contact)
        p->contact = e->contact;
    if (e->address)
        p->address = arena_strdup(a, e->address);
    if (e->name)
        p->name = arena_strdup(a, e->name);
    if (e->key) {
        p->key = arena_strdup(a, e->key);
        p->protocol = e->protocol;
        p->key_bytes = span_of(span_dup(a, e->key_bytes), e->key_bytes.n);
    }
    for (size_t i = 0; i < e->list.n; i++)
        thread_add(a, &p->thread, e->list.at[i]);
}

static void add_parts(struct arena *a, const struct event *e, struct piece *piece)
{
    for (size_t i = 0; i < e->n_parts; i++) {
        const struct piece_part *from = &e->parts[i];
        ARENA_GROW(a, piece->parts, piece->n_parts, piece->parts_room);
        struct piece_part *part = &piece->parts[piece->n_parts++];
        *part = (struct piece_part){
            .n = from->n,
            .path = arena_strdup(a, from->path),
            .type = arena_strdup(a, from->type),
            .filename = arena_strdup(a, from->filename),
            .size = from->size,
            .unread = arena_strdup(a, from->unread),
            .copy = from->copy,
            .copy_unread = arena_strdup(a, from->copy_unread),
            .no_copy = arena_strdup(a, from->no_copy),
        };
        copy_strs(a, &part->facts, &from->facts);
        copy_strs(a, &part->copy_facts, &from->copy_facts);
        if (e->party)
            u32s_add(a, &part->audience, e->party);
    }
}

/* A command mail is filed without a piece: it only joins its author's thread. */
static void file(struct arena *a, const struct event *e, struct case_head *head)
{
    if (e->piece == 0)
        return;
    ARENA_GROW(a, head->pieces, head->n_pieces, head->pieces_room);
    struct piece *piece = &head->pieces[head->n_pieces++];
    *piece = (struct piece){
        .n = e->piece,
        .kind = e->kind == EVENT_NOTE ? PIECE_NOTE : e->piece_kind,
        .message = e->message,
        .party = e->party,
        .at = e->at,
        .trust = e->trust,
    };
    if (e->party)
        u32s_add(a, &piece->audience, e->party);
    add_parts(a, e, piece);
}

static void plan_send(struct arena *a, const struct event *e, struct case_head *head)
{
    ARENA_GROW(a, head->sends, head->n_sends, head->sends_room);
    struct send *send = &head->sends[head->n_sends++];
    *send = (struct send){
        .n = e->send,
        .template = arena_strdup(a, e->text),
        .by = arena_strdup(a, e->by),
        .at = e->at,
        .due = e->when,
        .state = SEND_PLANNED,
        .piece = e->piece,
        .part = e->part,
        .quoted = e->flag && !e->part,
        .cleaned = e->flag && e->part,
        .two_persons = e->two,
        .asked = e->name ? arena_strdup(a, e->name) : NULL,
        .asked_seq = e->seq,
    };
    copy_u32s(a, &send->parties, &e->parties);
}

/* The second word ends the waiting; after a change two are needed again. */
static void confirm_send(struct arena *a, const struct event *e, struct case_head *head)
{
    struct send *send = case_send(head, e->send);
    if (!send)
        return;
    send->asked = e->flag ? NULL : arena_strdup(a, e->name);
    send->asked_seq = e->seq;
}

/* Who had the piece without its quotes keeps it so. */
static void stop_quoted(struct piece *piece, const struct u32s *gone)
{
    drop_u32s(&piece->quoted, gone);
    for (size_t i = 0; i < gone->n; i++) {
        const struct u32s one = {.at = &gone->at[i], .n = 1};
        if (!u32s_has(&piece->requoted, gone->at[i]))
            drop_u32s(&piece->audience, &one);
    }
    drop_u32s(&piece->requoted, gone);
}

/* Who had its cleaned copy keeps that. */
static void stop_part(struct arena *a, struct piece_part *part, const struct send *send,
                      const struct u32s *gone)
{
    for (size_t i = 0; i < gone->n; i++) {
        const struct u32s one = {.at = &gone->at[i], .n = 1};
        if (!send->cleaned && u32s_has(&part->recleaned, gone->at[i])) {
            u32s_add(a, &part->cleaned, gone->at[i]);
            continue;
        }
        drop_u32s(&part->audience, &one);
        drop_u32s(&part->cleaned, &one);
    }
    drop_u32s(&part->recleaned, gone);
}

/* Whoever's letter was cancelled was not shared with after all. */
static void stop_send(struct arena *a, const struct event *e, struct case_head *head)
{
    struct send *send = case_send(head, e->send);
    if (!send)
        return;
    send->state = SEND_STOPPED;
    struct piece *piece = case_piece(head, send->piece);
    struct piece_part *part = piece && send->part ? piece_part(piece, send->part) : NULL;
    if (part)
        stop_part(a, part, send, &e->parties);
    else if (piece && send->quoted)
        stop_quoted(piece, &e->parties);
    else if (piece && !send->part)
        drop_u32s(&piece->audience, &e->parties);
}

static void share_quotes(struct arena *a, const struct event *e, struct piece *piece)
{
    for (size_t i = 0; i < e->parties.n; i++) {
        uint32_t n = e->parties.at[i];
        if (u32s_has(&piece->audience, n) && !u32s_has(&piece->quoted, n))
            u32s_add(a, &piece->requoted, n);
    }
    copy_u32s(a, &piece->quoted, &e->parties);
}

/* The file itself is more than its copy, never the other way round. */
static void release(struct arena *a, const struct event *e, struct piece_part *part)
{
    for (size_t i = 0; i < e->parties.n; i++) {
        uint32_t n = e->parties.at[i];
        const struct u32s one = {.at = &n, .n = 1};
        if (e->flag && !u32s_has(&part->audience, n))
            u32s_add(a, &part->cleaned, n);
        if (e->flag || !u32s_has(&part->cleaned, n))
            continue;
        drop_u32s(&part->cleaned, &one);
        u32s_add(a, &part->recleaned, n);
    }
    copy_u32s(a, &part->audience, &e->parties);
}

static void share(struct arena *a, const struct event *e, struct case_head *head)
{
    struct piece *piece = case_piece(head, e->piece);
    struct piece_part *part = piece && e->part ? piece_part(piece, e->part) : NULL;
    if (part)
        release(a, e, part);
    if (!piece || e->part)
        return;
    if (e->kind == EVENT_SHARED && e->flag)
        share_quotes(a, e, piece);
    copy_u32s(a, &piece->audience, &e->parties);
}

static void set_status(struct arena *a, const struct event *e, struct party *p)
{
    struct vuln_status *row = NULL;
    for (size_t i = 0; i < p->n_statuses; i++)
        if (p->statuses[i].vuln == e->vuln)
            row = &p->statuses[i];
    if (!row) {
        ARENA_GROW(a, p->statuses, p->n_statuses, p->statuses_room);
        row = &p->statuses[p->n_statuses++];
    }
    *row = (struct vuln_status){
        .vuln = e->vuln,
        .status = e->status,
        .piece = e->piece,
        .by = arena_strdup(a, e->by),
    };
}

static void set_told(struct party *p, enum contact_state state, instant at)
{
    p->contact_state = state;
    if (state == CONTACT_TOLD && p->told_at == 0)
        p->told_at = at;
}

static void exclude(struct arena *a, const struct event *e, struct case_head *head)
{
    if (e->flag) {
        drop_word(&head->excluded, e->text);
        return;
    }
    add_word(a, &head->excluded, e->text);
    drop_word(&head->watchers, e->text);
    if (same(head->owner, e->text))
        head->owner = NULL;
}

static void watch(struct arena *a, const struct event *e, struct case_head *head)
{
    if (e->flag)
        drop_word(&head->watchers, e->text);
    else
        add_word(a, &head->watchers, e->text);
}

static void add_vuln(struct arena *a, const struct event *e, struct case_head *head)
{
    ARENA_GROW(a, head->vulns, head->n_vulns, head->vulns_room);
    head->vulns[head->n_vulns++] = (struct vuln){.n = e->vuln, .title = arena_strdup(a, e->text)};
}

static void propose_embargo(struct case_head *head)
{
    if (head->embargo == EMBARGO_NONE)
        head->embargo = EMBARGO_PROPOSED;
    else if (head->embargo == EMBARGO_ACTIVE)
        head->embargo = EMBARGO_REVISE;
}

static void apply_to_head(struct arena *a, const struct event *e, struct case_head *head)
{
    switch (e->kind) {
    case EVENT_OPENED:
        head->state = CASE_OPEN;
        head->title = arena_strdup(a, e->text ? e->text : "");
        head->worded = e->at;
        head->opened = e->at;
        break;
    case EVENT_FILED:
    case EVENT_NOTE:
        file(a, e, head);
        break;
    case EVENT_MOVED:
        if (case_piece(head, e->piece))
            case_piece(head, e->piece)->moved = true;
        break;
    case EVENT_OWNER:
        head->owner = arena_strdup(a, e->text);
        break;
    case EVENT_WATCH:
        watch(a, e, head);
        break;
    case EVENT_EXCLUDE:
        exclude(a, e, head);
        break;
    case EVENT_TITLE:
        head->title = arena_strdup(a, e->text);
        head->worded = e->at;
        break;
    case EVENT_SUMMARY:
        head->summary = arena_strdup(a, e->text);
        head->worded = e->at;
        break;
    case EVENT_VULN_ADDED:
        add_vuln(a, e, head);
        break;
    case EVENT_ALLOW_TERM:
        add_word(a, &head->allow_terms, e->text);
        break;
    case EVENT_CLOSED:
        head->state = CASE_CLOSED;
        break;
    case EVENT_REOPENED:
        head->state = CASE_OPEN;
        break;
    default:
        break;
    }
}

static void apply_to_sends(struct arena *a, const struct event *e, struct case_head *head)
{
    switch (e->kind) {
    case EVENT_SEND_PLANNED:
        plan_send(a, e, head);
        break;
    case EVENT_SEND_CONFIRMED:
        confirm_send(a, e, head);
        break;
    case EVENT_SEND_STOPPED:
        stop_send(a, e, head);
        break;
    case EVENT_SEND_HOLD_TOLD:
        if (case_send(head, e->send))
            case_send(head, e->send)->hold_told = e->when ? e->when : e->at;
        break;
    case EVENT_SHARED:
    case EVENT_RELEASED:
        share(a, e, head);
        break;
    case EVENT_EMBARGO_PROPOSED:
        propose_embargo(head);
        break;
    case EVENT_EMBARGO_ACTIVE:
        head->embargo = EMBARGO_ACTIVE;
        head->embargo_end = e->when;
        break;
    case EVENT_EMBARGO_EXITED:
        head->embargo = EMBARGO_EXITED;
        break;
    default:
        break;
    }
}

static void apply_to_party(struct arena *a, const struct event *e, struct party *p)
{
    switch (e->kind) {
    case EVENT_PARTY_REMOVED:
        p->removed = true;
        break;
    case EVENT_FILED:
    case EVENT_LETTER_OUT:
        thread_add(a, &p->thread, e->message_id);
        if (e->kind == EVENT_LETTER_OUT && e->contact)
            p->contact = e->contact;
        break;
    case EVENT_LETTER_BOUNCED:
        if (p->kind == PARTY_VENDOR || p->kind == PARTY_PARTNER)
            p->contact_state = CONTACT_BOUNCED;
        break;
    case EVENT_STATUS:
        set_status(a, e, p);
        break;
    case EVENT_CONTACT_STATE:
        set_told(p, e->contact_state, e->at);
        break;
    case EVENT_TOLD:
        set_told(p, CONTACT_TOLD, e->when);
        break;
    case EVENT_ACCEPTED:
        p->accepted = true;
        break;
    case EVENT_SHARE_NAMED:
        p->share_named = e->flag;
        break;
    case EVENT_CREDIT:
        p->credited = e->flag;
        break;
    case EVENT_REFERENCE:
        p->own_reference = arena_strdup(a, e->text);
        break;
    default:
        break;
    }
}

/* A letter made after it may say more, or other things, than one made before. */
static bool rewords(const struct event *e)
{
    switch (e->kind) {
    case EVENT_TITLE:
    case EVENT_SUMMARY:
    case EVENT_ALLOW_TERM:
    case EVENT_EMBARGO_ACTIVE:
        return true;
    case EVENT_SHARED: /* with its quotes */
    case EVENT_SHARE_NAMED:
        return e->flag;
    default:
        return false;
    }
}

void apply_event(struct arena *a, const struct event *event, struct case_head *head,
                 struct party *party)
{
    apply_to_head(a, event, head);
    apply_to_sends(a, event, head);
    if (event->kind == EVENT_PARTY_ADDED)
        add_party(a, event, head, party);
    else if (party)
        apply_to_party(a, event, party);
    if (rewords(event))
        head->text_seq = event->seq;
    head->n_events = event->seq;
}
