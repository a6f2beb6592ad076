/*
 * One case with as many vendors as the largest that is on record had (1,643), in a real store on
 * disk: what `case show` costs, and what one decision does. The case is made by decisions alone, as
 * the desk would make it: a report, Accept, Vendors, Send, every letter handed over and taken,
 * every vendor's reply filed, every status set. So each row has the size that it has in life.
 *
 * usage: bench-case [VENDORS [DIRECTORY-FOR-THE-STORE]]
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/letters.h"
#include "flow/query.h"
#include "test/bench/samples.h"

enum { VENDORS = 1643, SHOWS = 50, KEY_BYTES = 1200, FINGERPRINT_BYTES = 20, HANDED_AT_ONCE = 32 };
#define SHOW_LIMIT_MS 100.0
#define DECISION_LIMIT_MS 20.0

struct bench {
    struct arena *a;
    struct options options;
    struct option_coordinator coordinator;
    struct store *store;
    struct world_holder *worlds;
    struct desk desk;
    struct world *world;
    uint32_t vendors;
};

static void fail(const char *what, const struct err *err)
{
    fprintf(stderr, "bench-case: %s: %s\n", what, err->text);
    exit(1);
}

static void one(const char *what, struct took took)
{
    took_print(what, took);
    printf("\n");
}

static struct took share(struct took took, size_t n)
{
    return (struct took){.elapsed = took.elapsed / (double)n,
                         .processor = took.processor / (double)n};
}

/* ---- the desk and its directory ---- */

static const char *random_hex(struct arena *a, size_t n)
{
    unsigned char *bytes = arena_alloc(a, n);

    store_random(bytes, n);
    return text_hex(a, span_of(bytes, n), true);
}

static bool put_one(struct txn *txn, struct arena *a, struct org *org, const char *slug,
                    struct err *err)
{
    struct contact contact = {
        .slug = slug,
        .name = arena_printf(a, "%s of %s", slug, org->name),
        .email = arena_printf(a, "%s@%s.example", slug, org->slug),
        .protocol = PROTOCOL_OPENPGP,
        .key = random_hex(a, FINGERPRINT_BYTES),
        .language = "en",
        .private_reply = true,
    };
    struct key key = {
        .fingerprint = contact.key, .protocol = PROTOCOL_OPENPGP, .state = KEY_APPROVED};
    unsigned char *bytes = arena_alloc(a, KEY_BYTES);

    contact.org = org->id;
    if (!txn_put_contact(txn, &contact, err))
        return false;
    store_random(bytes, KEY_BYTES);
    key.contact = contact.id;
    key.bytes = span_of(bytes, KEY_BYTES);
    strs_add(a, &key.addresses, contact.email);
    strs_add(a, &key.key_ids, contact.key + 24);
    return txn_put_key(txn, &key, err);
}

static bool put_directory(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct bench *b = ctx;
    struct org desk = {.slug = DESK_SLUG, .name = "Example CERT", .role = ORG_DESK};

    if (!txn_put_org(txn, &desk, err) || !put_one(txn, a, &desk, "aiko", err))
        return false;
    for (uint32_t i = 1; i <= b->vendors; i++) {
        struct org org = {
            .slug = arena_printf(a, "vendor%u", i),
            .name = arena_printf(a, "Vendor%u Networks Corporation", i),
            .trust = ORG_NDA,
        };

        strs_add(a, &org.aliases, arena_printf(a, "VNet%u", i));
        strs_add(a, &org.domains, arena_printf(a, "vendor%u.example", i));
        strs_add(a, &org.groups, "everyone");
        if (!txn_put_org(txn, &org, err) || !put_one(txn, a, &org, "psirt", err))
            return false;
    }
    return true;
}

static void set_up(struct bench *b, const char *home)
{
    struct store_paths paths = {.state = arena_printf(b->a, "%s/state", home),
                                .keys = arena_printf(b->a, "%s/keys", home)};
    struct err err;
    struct took start;

    b->coordinator = (struct option_coordinator){.slug = "aiko", .uids = {0}, .n_uids = 1};
    b->options = (struct options){
        .desk_name = "Example CERT",
        .addresses = {.form = ADDRESS_PLUS},
        .template_directory = EMBARGOD_TEST_SOURCE "/templates",
        .key_directory = paths.keys,
        .send_delay = 600,
        .coordinators = &b->coordinator,
        .n_coordinators = 1,
    };
    strs_add(b->a, &b->options.addresses.all, "security@cert.example");
    if (!store_create(&paths, &err) || !store_open(&paths, true, &b->store, &err) ||
        !store_write(b->store, put_directory, b, &err))
        fail("making a desk", &err);
    start = took_start();
    if (!world_start(&b->options, b->store, &b->worlds, &err))
        fail("loading the directory", &err);
    one("directory, terms and templates loaded", took_since(start));
    desk_start(&b->desk, &b->options, b->store, b->worlds, NULL);
    b->world = world_get(b->worlds);
}

/* ---- decisions ---- */

struct decision {
    struct bench *b;
    struct input input;
    struct arrival arrival; /* of a mail, taken before */
    uint64_t mail;
    struct sealed_blob *model;
};

static bool decide(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct decision *d = ctx;
    struct arrival arrival = d->arrival;
    struct input input = d->input;
    struct rows rows;
    struct plan plan;

    if (d->mail != 0) {
        txn_rows(txn, &rows);
        if (!rows.mail(rows.ctx, a, d->mail, &arrival.mail, err) ||
            !txn_put_blob(txn, (struct place){.kind = PLACE_NONE}, d->model, &arrival.mail->model,
                          err))
            return false;
        input = (struct input){.kind = INPUT_ARRIVAL, .arrival = &arrival};
    }
    if (!desk_decide(d->b->world, txn, a, &input, &plan, err))
        return false;
    return !plan.refused || err_set(err, ERR_OPERATOR, "refused: %s", plan.answer.at[0]);
}

static struct took timed(struct decision *d, const char *what)
{
    struct took start = took_start();
    struct err err;

    if (!store_write(d->b->store, decide, d, &err))
        fail(what, &err);
    return took_since(start);
}

/* lines: commands, one a line, as embargoctl passes them. */
static struct took order(struct bench *b, const char *place, const char *lines, const char *text)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct block block;
    struct place where;
    struct strs list = {.n = 0};
    struct order o = {.block = &block};
    struct decision d = {.b = b, .input = {.kind = INPUT_COMMAND, .order = &o}};

    if (!place_from_name(span_str(place), &where))
        abort();
    for (const char *line = lines; *line != '\0'; line += strcspn(line, "\n") + 1)
        strs_add(a, &list, arena_strndup(a, line, strcspn(line, "\n")));
    block_from_lines(a, where, &list, text, FOR_COORDINATOR, &block);
    o.contact = directory_coordinator(b->world->directory, span_str("aiko"))->id;
    return timed(&d, lines);
}

struct taken {
    struct mail mail;
    struct mail_digest digest;
    struct sealed_blob *raw;
};

static bool take(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct taken *t = ctx;
    uint64_t same;

    return txn_put_blob(txn, (struct place){.kind = PLACE_NONE}, t->raw, &t->mail.raw, err) &&
           txn_take_mail(txn, a, &t->mail, &t->digest, &same, err);
}

/* A mail as opened: a stranger's (from NULL), or a vendor's to its private reply address in C1,
 * proven or not. The commit that takes it is not in the time. */
static struct took arrive(struct bench *b, const struct contact *from, const char *text,
                          bool proven)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs to = {.n = 0};
    struct message message = {
        .from = from == NULL ? "finder@reporter.example" : from->email,
        .subject = "a flaw in a protocol that many speak",
        .outer_subject = "...",
        .message_id = arena_printf(a, "%s@mail.example", random_hex(a, 16)),
        .date = clock_now(),
        .encrypted = true,
        .single_chain = true,
        .trust = proven ? TRUST_SIGNED : TRUST_CLAIMED,
        .text = text,
    };
    struct taken t = {
        .mail = {.state = MAIL_TAKEN, .received = clock_now(), .size = span_str(text).n}};
    struct decision d = {.b = b, .arrival = {.message = &message}};
    struct err err;

    strs_add(a, &to, b->options.addresses.all.at[0]);
    t.mail.sender = message.from;
    t.mail.recipients = to;
    t.raw = store_seal_blob(b->store, a, span_str(message.message_id));
    store_mail_digest(b->store, message.from, &to, span_str(message.message_id),
                      span_str(message.message_id), &t.digest);
    if (!store_write(b->store, take, &t, &err))
        fail("taking a mail", &err);
    d.mail = t.mail.number;
    d.model = store_seal_blob(b->store, a, json_encode(a, message_fields, &message));
    d.arrival.proof = (struct proof){.trust = TRUST_CLAIMED};
    if (from != NULL) {
        d.arrival.token_place = (struct place){.kind = PLACE_CASE, .number = 1};
        d.arrival.token_contact = from->id;
    }
    if (from != NULL && proven)
        d.arrival.proof = (struct proof){.trust = TRUST_VERIFIED,
                                         .signer = from->key,
                                         .signed_at = clock_now(),
                                         .inside_encryption = true,
                                         .strict_text = text};
    return timed(&d, "a mail");
}

/* ---- the letters of the send ---- */

struct sending {
    struct bench *b;
    struct letter **letters;
    size_t n;
    size_t first, end; /* of the batch in work */
};

static bool list_letters(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct sending *s = ctx;
    struct rows rows;

    txn_rows(txn, &rows);
    return rows.letters_of_send(rows.ctx, a, 1, 1, &s->letters, &s->n, err);
}

static bool hand_over(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct sending *s = ctx;
    struct moment moment = desk_moment();
    struct rows rows;
    struct view view = {.policy = &s->b->world->policy,
                        .directory = s->b->world->directory,
                        .terms = s->b->world->terms,
                        .rows = &rows};

    for (size_t i = s->first; i < s->end; i++) {
        struct hand_over hand = {.letter = s->letters[i],
                                 .address = s->letters[i]->address,
                                 .key = "0123456789ABCDEF",
                                 .digest = random_hex(a, 32)};
        struct changes changes;
        bool go;

        txn_rows(txn, &rows);
        if (!letter_hand_over(&view, &hand, &moment, a, &changes, &go, err) ||
            !txn_put_changes(txn, &changes, err))
            return false;
    }
    return true;
}

static bool note(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct sending *s = ctx;

    for (size_t i = s->first; i < s->end; i++) {
        struct delivery delivery = {.letter = s->letters[i]->number,
                                    .accepted = true,
                                    .reply = "250 2.0.0 Ok",
                                    .queue_id = "4XhJ5f2Q7kz1"};
        struct input input = {.kind = INPUT_DELIVERY, .delivery = &delivery};
        struct plan plan;

        if (!desk_decide(s->b->world, txn, a, &input, &plan, err))
            return false;
    }
    return true;
}

static void send_all(struct bench *b, struct sending *s, struct samples *ret_over,
                     struct samples *ret_noted)
{
    struct err err;

    for (s->first = 0; s->first < s->n; s->first = s->end) {
        struct took start = took_start();
        struct took middle;
        size_t n;

        s->end = s->first + HANDED_AT_ONCE < s->n ? s->first + HANDED_AT_ONCE : s->n;
        n = s->end - s->first;
        for (size_t i = s->first; i < s->end; i++) {
            struct moment moment = desk_moment();

            letter_draw(b->a, &b->world->policy, &moment, s->letters[i]);
        }
        if (!store_write(b->store, hand_over, s, &err))
            fail("handing over", &err);
        middle = took_start();
        samples_add(ret_over, share(took_since(start), n));
        if (!store_write(b->store, note, s, &err))
            fail("noting deliveries", &err);
        samples_add(ret_noted, share(took_since(middle), n));
    }
}

/* ---- what is measured ---- */

static void show(struct bench *b, const char *what)
{
    struct samples *s = ARENA_NEW(b->a, struct samples);
    struct desk_request request = {.verb = DESK_QUERY, .query = "case show"};
    size_t size = 0;

    strs_add(b->a, &request.words, "C1");
    for (size_t i = 0; i < SHOWS; i++) {
        struct arena *a = arena_new();
        struct desk_answer answer;
        struct took start = took_start();
        SCOPED(fd_close) int fd = -1;
        struct err err;

        if (!query_answer(&b->desk, a, 0, &request, &answer, &fd, &err))
            fail("case show", &err);
        samples_add(s, took_since(start));
        size = (size_t)lseek(fd, 0, SEEK_END);
        arena_free(a);
    }
    samples_print(arena_printf(b->a, "%s (%zu KiB of JSON)", what, size / 1024), s, SHOW_LIMIT_MS);
}

static void open_case(struct bench *b)
{
    arrive(b, NULL, "I found a flaw in a protocol that many speak.\n", false);
    order(b, "R1", "Accept: R1\nTitle: a flaw in a protocol\nSummary:\n",
          "A flaw in a protocol lets anyone stop a device from afar.\n");
    one("Vendors: all of them", order(b, "C1", "Vendors: +@everyone\n", ""));
    one("Send: vendor-notice all", order(b, "C1", "Send: vendor-notice all\n", ""));
}

static const struct contact *vendor(const struct bench *b, const struct letter *letter)
{
    return directory_contact(b->world->directory, letter->contact);
}

static void measure_letters(struct bench *b, struct sending *s)
{
    struct samples *over = ARENA_NEW(b->a, struct samples);
    struct samples *noted = ARENA_NEW(b->a, struct samples);
    struct err err;

    s->b = b;
    if (!store_read(b->store, b->a, list_letters, s, &err))
        fail("listing letters", &err);
    send_all(b, s, over, noted);
    samples_print("a letter handed over, 32 in a commit", over, 0);
    samples_print("a letter's delivery noted, 32 in a commit", noted, 0);
}

/* Every reply is a piece more in the head that the next decision reads and writes. */
static void measure_replies(struct bench *b, const struct sending *s)
{
    struct samples *filed = ARENA_NEW(b->a, struct samples);
    struct samples *late = ARENA_NEW(b->a, struct samples);

    for (size_t i = 0; i < s->n; i++) {
        struct took took =
            arrive(b, vendor(b, s->letters[i]),
                   "Thank you, we are looking into it. Our number: [ACME-4711]\n", false);

        samples_add(filed, took);
        if (i >= s->n - s->n / 10)
            samples_add(late, took);
    }
    samples_print("an unsigned reply filed", filed, DECISION_LIMIT_MS);
    samples_print("the last tenth of them", late, DECISION_LIMIT_MS);
}

static void measure_statuses(struct bench *b, const struct sending *s)
{
    struct samples *by_mail = ARENA_NEW(b->a, struct samples);
    struct samples *by_order = ARENA_NEW(b->a, struct samples);

    for (size_t i = 0; i < s->n; i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const struct contact *from = vendor(b, s->letters[i]);
        const char *slug = directory_org(b->world->directory, from->org)->slug;
        const char *text =
            arena_printf(a, "Embargod: C1 %s\nStatus: under-investigation\n", s->letters[i]->code);

        if (i % 2 == 0)
            samples_add(by_mail, arrive(b, from, text, true));
        else
            samples_add(by_order,
                        order(b, "C1", arena_printf(a, "Status: %s affected\n", slug), ""));
    }
    samples_print("a vendor's signed Status", by_mail, DECISION_LIMIT_MS);
    samples_print("a coordinator's Status", by_order, DECISION_LIMIT_MS);
}

static int remove_one(const char *path, const struct stat *at, int type, struct FTW *walk)
{
    (void)at;
    (void)type;
    (void)walk;
    return remove(path);
}

int main(int argc, char **argv)
{
    struct bench b = {.a = arena_new(),
                      .vendors = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : VENDORS};
    struct sending sending = {.n = 0};
    char *home = arena_printf(b.a, "%s/bench-case-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    int failed;

    if (mkdtemp(home) == NULL) {
        perror(home);
        return 1;
    }
    printf("bench-case: a case with %u vendors, medians, each decision with its durable commit\n",
           b.vendors);
    set_up(&b, home);
    open_case(&b);
    show(&b, "case show, notices planned");
    measure_letters(&b, &sending);
    show(&b, "case show, notices out");
    measure_statuses(&b, &sending);
    measure_replies(&b, &sending);
    show(&b, "case show, everybody has answered");
    world_put(b.world);
    world_stop(b.worlds);
    store_close(b.store);
    failed = nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(b.a);
    return failed == 0 ? 0 : 1;
}
