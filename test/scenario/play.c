/* Steps: what happens in a story. */
#include "test/scenario/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One step of the engine inside one transaction. */
struct playing {
    struct stage *s;
    struct input input;
    const struct message *message; /* of an arrival: stored before the step */
    bool show_answer;
    struct mail mail;
    struct given codes[32];
    size_t n_codes;
};

static void keep_codes(struct playing *p, const struct changes *changes)
{
    p->n_codes = 0;
    for (size_t i = 0; i < changes->n_letters && p->n_codes < LEN(p->codes); i++) {
        const struct letter *letter = changes->letters[i];
        if (letter->code && letter->planned == p->s->now)
            p->codes[p->n_codes++] = (struct given){
                stage_reader(p->s, letter->contact),
                place_name(p->s->a, letter->place),
                arena_strdup(p->s->a, letter->code),
            };
    }
}

static bool put_message(struct txn *txn, struct arena *a, struct playing *p, struct err *err)
{
    struct place nowhere = {0};
    if (!p->message)
        return true;
    struct span json = json_encode(a, message_fields, p->message);
    return txn_put_blob(txn, nowhere, store_seal_blob(p->s->store, a, json), &p->mail.model, err);
}

static bool take(struct txn *txn, struct arena *a, struct playing *p, struct err *err)
{
    struct mail_digest digest;
    uint64_t same;
    const char *unique = arena_printf(a, "%llu", (unsigned long long)++p->s->drawn);
    store_mail_digest(p->s->store, p->mail.sender, &p->mail.recipients, span_str(unique),
                      span_str(unique), &digest);
    uint64_t like = p->mail.like;
    bool ok = put_message(txn, a, p, err) && txn_take_mail(txn, a, &p->mail, &digest, &same, err);
    p->mail.like = like;
    return ok;
}

static bool play(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct playing *p = ctx;
    struct rows rows;
    struct view view;
    struct plan plan;
    struct moment moment = stage_moment(p->s);
    p->s->out.n = 0;
    if (p->input.kind == INPUT_ARRIVAL && !take(txn, a, p, err))
        return false;
    txn_rows(txn, &rows);
    stage_view(p->s, &rows, &view);
    if (!step(&view, &p->input, &moment, a, &plan, err) ||
        !txn_put_changes(txn, &plan.changes, err))
        return false;
    stage_print(p->s, txn, &plan);
    stage_refold(p->s, txn, &plan.changes);
    keep_codes(p, &plan.changes);
    return true;
}

static void run(struct playing *p)
{
    struct err err;
    if (!store_write(p->s->store, play, p, &err))
        stage_fail("step", err.text);
    for (size_t i = 0; i < p->n_codes; i++)
        stage_give(p->s, p->codes[i].who, p->codes[i].place, p->codes[i].code);
}

/* ---- mail ---- */

/* "@code" is the last code that who was given for the place in the same line, "@first" the first
 * one; "@C43" is one for another place. */
static const char *with_code(struct stage *s, const char *who, const char *text)
{
    const char *at = strchr(text, '@');
    if (!at || strncmp(text, "Embargod: ", 10) != 0)
        return text;
    struct span place = span_of(text + 10, (size_t)(at - text - 11));
    if (strcmp(at, "@first") == 0)
        return arena_printf(s->a, "Embargod: %s %s", span_dup(s->a, place),
                            stage_first_code(s, who, span_dup(s->a, place)));
    const char *wanted = strcmp(at, "@code") == 0 ? span_dup(s->a, place) : at + 1;
    return arena_printf(s->a, "Embargod: %s %s", span_dup(s->a, place), stage_code(s, who, wanted));
}

static const char *body_of(struct stage *s, const struct line *line, const char *who)
{
    const char *body = "";
    size_t i = 0;
    while (i < line->n && strcmp(line->at[i], "body") != 0)
        i++;
    for (i++; i < line->n; i++)
        body = arena_printf(s->a, "%s%s\n", body, with_code(s, who, line->at[i]));
    return body;
}

struct sender {
    const char *who; /* name for codes */
    const char *key;
    const char *address;
};

static struct sender sender_of(struct stage *s, const char *from)
{
    const char *colon = strchr(from, ':');
    const char *name = colon ? colon + 1 : "";
    const struct directory *dir = s->directory;
    const struct contact *contact = NULL;
    if (strncmp(from, "coordinator:", 12) == 0)
        contact = directory_coordinator(dir, span_str(name));
    if (strncmp(from, "vendor:", 7) == 0)
        contact = directory_reader(dir, directory_org_slug(dir, span_str(name))->id, s->now);
    if (contact)
        return (struct sender){name, contact->key, contact->email};
    if (strncmp(from, "reporter", 8) == 0)
        return (struct sender){"reporter",
                               stage_reporter_key(s->a, from[8] ? (unsigned)(from[8] - '0') : 1),
                               "rhea@finder.example"};
    return (struct sender){"stranger", NULL, colon ? name : "someone@elsewhere.example"};
}

static void add_part(struct stage *s, struct message *m, const char *type, const char *filename,
                     const char *text)
{
    ARENA_GROW(s->a, m->parts, m->n_parts, m->parts_room);
    m->parts[m->n_parts] = (struct part){
        .path = arena_printf(s->a, "%zu", m->n_parts + 1),
        .type = type,
        .filename = filename,
        .role = text ? PART_TEXT : PART_ATTACHMENT,
        .size = text ? strlen(text) : 400,
        .text = text,
    };
    m->n_parts++;
}

/* "form share_release=yes;comments=x" */
static void add_form(struct stage *s, struct message *m, const char *answers)
{
    struct span rest = span_str(answers);
    struct span piece;
    while (rest.n > 0 && span_split(&rest, ';', &piece)) {
        size_t equals = span_find(piece, '=');
        ARENA_GROW(s->a, m->form, m->n_form, m->form_room);
        m->form[m->n_form++] =
            (struct form_field){.name = span_dup(s->a, span_first(piece, equals)),
                                .value = span_dup(s->a, span_from(piece, equals + 1))};
    }
}

static enum automatic automatic_of(const struct line *line)
{
    return line_has(line, "dsn")    ? AUTOMATIC_DSN
           : line_has(line, "auto") ? AUTOMATIC_REPLY
                                    : AUTOMATIC_NO;
}

static void write_message(struct stage *s, const struct line *line, const struct sender *sender,
                          struct message *m)
{
    const char *re = line_value(line, "re");
    const char *subject = line_value(line, "subject");
    const char *from = line_value(line, "as");
    const char *id = line_value(line, "id");
    *m = (struct message){
        .from = from ? from : sender->address,
        .subject = subject ? subject : "Security",
        .outer_subject = "",
        .message_id = id ? id : arena_printf(s->a, "m%llu@out", (unsigned long long)s->drawn),
        .encrypted = true,
        .single_chain = !line_has(line, "side-by-side"),
        .trust = line_has(line, "bad")      ? TRUST_BAD
                 : line_has(line, "signed") ? TRUST_SIGNED
                                            : TRUST_CLAIMED,
        .automatic = automatic_of(line),
        .dsn_message_id = line_value(line, "returns"),
        .dsn_recipient = line_value(line, "failed"),
        .dsn_harmless = line_has(line, "harmless"),
        .outer_from = from ? from : sender->address,
        .dmarc = line_value(line, "dmarc"),
    };
    if (re)
        strs_add(s->a, &m->references, re);
    if (line_value(line, "repaired"))
        strs_add(s->a, &m->repairs, line_value(line, "repaired"));
    if (line_value(line, "defect"))
        strs_add(s->a, &m->defects, line_value(line, "defect"));
    m->text = body_of(s, line, sender->who);
    add_form(s, m, line_value(line, "form"));
    add_part(s, m, "text/plain", NULL, m->text);
    if (line_value(line, "attach"))
        add_part(s, m, "application/zip", line_value(line, "attach"), NULL);
    if (line_value(line, "carries"))
        strs_add(s->a, &m->parts[m->n_parts - 1].facts, line_value(line, "carries"));
    m->parts[m->n_parts - 1].unread = line_value(line, "unread");
    m->parts[m->n_parts - 1].cleaned.why_not = line_value(line, "uncleanable");
    if (line_has(line, "cleanable"))
        m->parts[m->n_parts - 1].cleaned.content.n = 1;
    if (line_value(line, "leaves"))
        strs_add(s->a, &m->parts[m->n_parts - 1].cleaned.facts, line_value(line, "leaves"));
    if (!line_value(line, "offers"))
        return;
    ARENA_GROW(s->a, m->keys, m->n_keys, m->keys_room);
    m->keys[m->n_keys++] = (struct offered_key){
        .fingerprint = stage_reporter_key(s->a, (unsigned)(line_value(line, "offers")[0] - '0')),
        .protocol = PROTOCOL_OPENPGP,
        .bytes = {.offset = 0, .n = 3},
    };
    if (line_value(line, "offers")[1] == ',') { /* "1,2": the second is for the sender's address */
        struct offered_key second = m->keys[0];
        second.fingerprint =
            stage_reporter_key(s->a, (unsigned)(line_value(line, "offers")[2] - '0'));
        strs_add(s->a, &second.addresses, sender->address);
        ARENA_GROW(s->a, m->keys, m->n_keys, m->keys_room);
        m->keys[m->n_keys++] = second;
    }
}

static struct proof proof_of(struct stage *s, const struct line *line, const struct sender *sender,
                             const struct message *m)
{
    const char *ago = line_value(line, "signed-ago");
    int64_t seconds = 0;
    /* "verified bad": one of several signatures proves who wrote, another one is broken */
    if (line_has(line, "bad") && !line_has(line, "verified"))
        return (struct proof){.trust = TRUST_BAD};
    if (!line_has(line, "verified") && !line_has(line, "outside"))
        return (struct proof){.trust = TRUST_CLAIMED};
    if (ago && !text_to_duration(span_str(ago[0] == '-' ? ago + 1 : ago), &seconds))
        stage_fail("signed-ago", ago);
    return (struct proof){
        .trust = TRUST_VERIFIED,
        .signer = sender->key,
        .signed_at = s->now - (ago && ago[0] == '-' ? -seconds : seconds),
        .inside_encryption = !line_has(line, "outside"),
        .strict_text = line_has(line, "not-plain") ? NULL : m->text,
        .strict_problem = line_has(line, "not-plain") ? "it is text/html" : NULL,
        .unproven = line_has(line, "other-text") ? "its text is another" : NULL,
    };
}

static const char *verp_of(struct stage *s, const char *word);

static enum answer_kind answer_of(const char *word)
{
    if (word && strcmp(word, "registration") == 0)
        return ANSWER_REGISTRATION;
    return word && strcmp(word, "key") == 0 ? ANSWER_KEY : ANSWER_RECEIVED;
}

static void play_mail(struct stage *s, const struct line *line)
{
    const char *from = line_value(line, "from");
    struct sender sender = sender_of(s, from ? from : "stranger");
    struct message m;
    struct playing p = {.s = s};
    const char *like = line_value(line, "like");
    const char *token = line_value(line, "token-of");
    write_message(s, line, &sender, &m);
    struct arrival arrival = {
        .mail = &p.mail,
        .message = line_has(line, "unopened") ? NULL : &m,
        .opened = span_str("KEY"),
        .proof = proof_of(s, line, &sender, &m),
        .contested = line_has(line, "contested"),
        .verp = verp_of(s, line_value(line, "verp")),
        .answer = answer_of(line_value(line, "answers")),
    };
    const char *envelope = line_value(line, "sender");
    arrival.registration = arrival.answer == ANSWER_REGISTRATION;
    p.mail = (struct mail){.received = s->now,
                           .sender = envelope                       ? envelope
                                     : m.automatic == AUTOMATIC_DSN ? ""
                                                                    : m.from,
                           .size = 2000,
                           .like = like ? strtoull(like, NULL, 10) : 0};
    strs_add(s->a, &p.mail.recipients, s->policy.desk_address);
    if (token) {
        const struct org *org = directory_org_slug(s->directory, span_str(token));
        arrival.token_place = (struct place){.kind = PLACE_CASE, .number = s->last_case};
        arrival.token_contact = directory_reader(s->directory, org->id, s->now)->id;
    }
    p.message = arrival.message;
    p.input = (struct input){.kind = INPUT_ARRIVAL, .arrival = &arrival};
    run(&p);
}

/* ---- orders ---- */

static void play_order(struct stage *s, const struct line *line)
{
    struct strs lines = {0};
    struct place place = {0};
    struct block block;
    size_t i = 3;
    for (; i < line->n && strcmp(line->at[i], "text") != 0; i++)
        strs_add(s->a, &lines, line->at[i]);
    if (!place_from_name(span_str(line->at[2]), &place))
        stage_fail("order", line->at[2]);
    block_from_lines(s->a, place, &lines, i + 1 < line->n ? line->at[i + 1] : "", FOR_COORDINATOR,
                     &block);
    struct order order = {.contact = directory_coordinator(s->directory, span_str(line->at[1]))->id,
                          .shared = strcmp(line->at[0], "order-as") == 0,
                          .block = &block};
    struct playing p = {.s = s, .show_answer = true};
    p.input = (struct input){.kind = INPUT_COMMAND, .order = &order};
    run(&p);
}

/* ---- letters ---- */

static uint64_t letter_number(const char *word)
{
    return word && word[0] == 'L' ? strtoull(word + 1, NULL, 10) : 0;
}

static void play_delivery(struct stage *s, uint64_t letter, bool accepted, bool permanent,
                          const char *reply)
{
    struct delivery delivery = {
        .letter = letter, .accepted = accepted, .permanent = permanent, .reply = reply};
    struct playing p = {.s = s};
    p.input = (struct input){.kind = INPUT_DELIVERY, .delivery = &delivery};
    run(&p);
}

struct handing {
    struct stage *s;
    uint64_t only; /* 0: all that are due */
    struct letter **due;
    size_t n;
    struct letter *letter; /* the one at hand */
    bool go;
    char *said;
};

static bool list_due(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct handing *h = ctx;
    return txn_due_letters(txn, a, h->s->now, 100, &h->due, &h->n, err);
}

static bool hand_over(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct handing *h = ctx;
    struct rows rows;
    struct view view;
    struct changes changes;
    struct moment moment = stage_moment(h->s);
    struct letter letter = *h->letter;
    struct hand_over hand = {.letter = &letter,
                             .address = letter.address,
                             .key = strcmp(letter.template, "key-needed") == 0 ? NULL : "C0DE",
                             .digest = "d1935"};
    txn_rows(txn, &rows);
    stage_view(h->s, &rows, &view);
    letter_draw(a, view.policy, &moment, &letter);
    if (!letter_hand_over(&view, &hand, &moment, a, &changes, &h->go, err) ||
        !txn_put_changes(txn, &changes, err))
        return false;
    const struct letter *after = changes.n_letters ? changes.letters[0] : &letter;
    stage_refold(h->s, txn, &changes);
    h->said = arena_printf(h->s->a, "%s L%llu %s %s%s%s\n", h->go ? "out" : "stays",
                           (unsigned long long)letter.number, stage_reader(h->s, letter.contact),
                           letter.template, h->go ? "" : ": ", h->go ? "" : after->reason);
    return true;
}

static bool hand_over_one(struct stage *s, struct handing *h, struct letter *letter)
{
    struct err err;
    h->letter = letter;
    if (!store_write(s->store, hand_over, h, &err))
        stage_fail("hand over", err.text);
    if (h->go && !h->only)
        play_delivery(s, letter->number, true, false, "250 taken");
    return true;
}

/* Every letter that is due goes to the MTA, which takes it, until none is left; L5: that one alone,
 * and no answer yet. */
static void play_out(struct stage *s, const struct line *line)
{
    struct err err;
    struct handing h = {.s = s, .only = letter_number(line->n > 1 ? line->at[1] : NULL)};
    struct buf said = buf_new(s->a, 1 << 16);
    bool went = true;
    while (went) {
        went = false;
        if (!store_read(s->store, s->a, list_due, &h, &err))
            stage_fail("due", err.text);
        for (size_t i = 0; i < h.n; i++) {
            bool wanted =
                h.only ? h.only == h.due[i]->number : h.due[i]->state != LETTER_HANDING_OVER;
            if (!wanted)
                continue;
            went = hand_over_one(s, &h, h.due[i]) && !h.only;
            buf_add_str(&said, h.said);
        }
    }
    s->out.n = 0;
    buf_add_span(&s->out, buf_span(&said));
}

struct verp_look {
    uint64_t number;
    const char *verp;
};

static bool look_verp(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct verp_look *look = ctx;
    struct rows rows;
    struct letter *letter;
    txn_rows(txn, &rows);
    if (!rows.letter(rows.ctx, a, look->number, &letter, err))
        return false;
    look->verp = letter ? letter->verp : NULL;
    return true;
}

static const char *verp_of(struct stage *s, const char *word)
{
    struct err err;
    struct verp_look look = {.number = letter_number(word)};
    if (!word)
        return NULL;
    if (!store_read(s->store, s->a, look_verp, &look, &err))
        stage_fail("verp", err.text);
    return look.verp ? look.verp : "nosuchtoken";
}

/* "held L1 reason guard": the guard found it, in a letter that could be judged. */
static void play_held(struct stage *s, const struct line *line)
{
    struct held held = {.letter = letter_number(line->at[1]), .reason = line->at[2]};
    struct strs pins = {0};
    if (line_has(line, "guard")) {
        held.hold = HOLD_GUARD;
        strs_add(s->a, &pins, "text d1935");
        held.pins = &pins;
    }
    if (line_has(line, "changed"))
        held.hold = HOLD_CHANGED;
    struct playing p = {.s = s};
    p.input = (struct input){.kind = INPUT_HELD, .held = &held};
    run(&p);
}

static void play_retry(struct stage *s, const struct line *line)
{
    struct retry retry = {.letter = letter_number(line->at[2]),
                          .contact =
                              directory_coordinator(s->directory, span_str(line->at[1]))->id};
    struct playing p = {.s = s, .show_answer = true};
    p.input = (struct input){.kind = INPUT_RETRY, .retry = &retry};
    run(&p);
}

static void play_clock(struct stage *s, const char *word)
{
    int64_t seconds;
    if (!text_to_duration(span_str(word + 1), &seconds))
        stage_fail("clock", word);
    s->now += seconds;
}

bool stage_play(struct stage *s, const struct line *line)
{
    const char *word = line->at[0];
    s->out.n = 0;
    if (strcmp(word, "mail") == 0)
        play_mail(s, line);
    else if (strcmp(word, "order") == 0 || strcmp(word, "order-as") == 0)
        play_order(s, line);
    else if (strcmp(word, "out") == 0)
        play_out(s, line);
    else if (strcmp(word, "held") == 0)
        play_held(s, line);
    else if (strcmp(word, "retry") == 0)
        play_retry(s, line);
    else if (strcmp(word, "refuse") == 0 || strcmp(word, "defer") == 0)
        play_delivery(s, letter_number(line->at[1]), false, word[0] == 'r', line->at[2]);
    else if (strcmp(word, "clock") == 0)
        play_clock(s, line->at[1]);
    else if (strcmp(word, "show") == 0)
        stage_show(s, line->at[1]);
    else
        return false;
    return true;
}
