#include "store/store.h"

#include <sodium.h>

#include "base/ascii.h"
#include "store/record.h"

enum { CHAIN_BYTES = 8 + VAULT_MAC_BYTES };

/* ---- reports, heads, parties ---- */

bool txn_put_report(struct txn *txn, const struct report *report, struct err *err)
{
    struct record_key key = key_number(report->number);
    struct place place = {.kind = PLACE_REPORT, .number = report->number};
    uint64_t ring_key;
    /* Once it belongs to a case, purging that case erases it. */
    if (report->joined != 0)
        place = (struct place){.kind = PLACE_CASE, .number = report->joined};
    return txn_place_key(txn, place, &ring_key, err) &&
           record_write(txn, TABLE_REPORTS, &key, ring_key, report_fields, report, err);
}

static bool case_key(struct txn *txn, uint64_t number, uint64_t *ret_key, struct err *err)
{
    return txn_place_key(txn, (struct place){.kind = PLACE_CASE, .number = number}, ret_key, err);
}

bool txn_put_head(struct txn *txn, const struct case_head *head, struct err *err)
{
    struct record_key key = key_number(head->number);
    uint64_t ring_key;
    return case_key(txn, head->number, &ring_key, err) &&
           record_write(txn, TABLE_CASES, &key, ring_key, case_fields, head, err);
}

/* Who a party is, for the index: a reporter its address (letter case ignored), others a number. */
static struct record_key party_index(struct txn *txn, uint64_t case_number, enum party_kind kind,
                                     uint32_t id, const char *address)
{
    struct buf text = buf_new(txn->scratch, 1024);
    buf_printf(&text, "%llu %d %u ", (unsigned long long)case_number, (int)kind, id);
    for (const char *c = address ? address : ""; *c; c++)
        buf_add_char(&text, (char)ascii_lower((unsigned char)*c));
    return key_index(txn->store, INDEX_PARTY, buf_span(&text));
}

bool txn_party_of(struct txn *txn, uint64_t case_number, enum party_kind kind, uint32_t id,
                  const char *address, uint32_t *ret_n, struct err *err)
{
    struct record_key key = party_index(txn, case_number, kind, kind == PARTY_REPORTER ? 0 : id,
                                        kind == PARTY_REPORTER ? address : NULL);
    uint64_t n;
    if (!record_get_number(txn, TABLE_INDEX, &key, &n, err))
        return false;
    *ret_n = (uint32_t)n;
    return true;
}

bool txn_put_party(struct txn *txn, uint64_t case_number, const struct party *party,
                   struct err *err)
{
    struct record_key key = key_numbers(case_number, party->n);
    uint32_t id = party->kind == PARTY_COORDINATOR ? party->contact : party->org;
    uint32_t known;
    uint64_t ring_key;
    if (!case_key(txn, case_number, &ring_key, err) ||
        !record_write(txn, TABLE_PARTIES, &key, ring_key, party_fields, party, err))
        return false;
    if (party->kind == PARTY_REPORTER && !party->address)
        return true;
    if (!txn_party_of(txn, case_number, party->kind, id, party->address, &known, err))
        return false;
    if (known == party->n)
        return true;
    struct record_key index =
        party_index(txn, case_number, party->kind, party->kind == PARTY_REPORTER ? 0 : id,
                    party->kind == PARTY_REPORTER ? party->address : NULL);
    return record_put_number(txn, TABLE_INDEX, &index, ring_key, party->n, err);
}

/* ---- the chain of events ---- */

/* Where a case's log ends; seq 0: it is empty. */
struct chain {
    uint64_t seq;
    unsigned char mac[VAULT_MAC_BYTES];
};

static bool chain_get(struct txn *txn, uint64_t case_number, struct chain *ret_chain,
                      struct err *err)
{
    struct record_key key = key_number(case_number);
    struct chain chain = {.seq = 0};
    struct span plain;
    if (!record_get(txn, txn->scratch, TABLE_CHAINS, &key, &plain, err))
        return false;
    if (plain.at && plain.n != CHAIN_BYTES)
        return err_set(err, ERR_OPERATOR, "store: the chain of C%llu is damaged",
                       (unsigned long long)case_number);
    if (plain.at) {
        chain.seq = key_last_u64(span_first(plain, 8));
        memcpy(chain.mac, plain.at + 8, VAULT_MAC_BYTES);
    }
    *ret_chain = chain;
    return true;
}

/* One more event: its MAC covers the sealed bytes as they stand on disk, and the MAC before. */
static bool chain_step(struct txn *txn, uint64_t case_number, uint64_t ring_key, struct span sealed,
                       struct chain *chain, struct err *err)
{
    struct record_key at = key_numbers(case_number, chain->seq + 1);
    struct span parts[] = {span_str("event"), span_of(at.at, at.n), sealed,
                           span_of(chain->mac, sizeof(chain->mac))};
    unsigned char mac[VAULT_MAC_BYTES];
    if (!vault_mac(txn->store->ring, ring_key, parts, LEN(parts), mac, err))
        return false;
    memcpy(chain->mac, mac, sizeof(mac));
    chain->seq++;
    return true;
}

/* The anchor is the XOR of one keyed hash per case: a head that is put back to an older state, or
 * taken away with its whole case, is missing in it. */
static void anchor_turn(struct txn *txn, uint64_t case_number, const struct chain *chain,
                        unsigned char anchor[VAULT_MAC_BYTES])
{
    struct record_key at = key_numbers(case_number, chain->seq);
    struct span parts[] = {span_str("anchor"), span_of(at.at, at.n),
                           span_of(chain->mac, sizeof(chain->mac))};
    unsigned char hash[VAULT_MAC_BYTES];
    if (chain->seq == 0)
        return;
    vault_hash(txn->store->ring, RING_INDEX, parts, LEN(parts), hash, sizeof(hash));
    for (size_t i = 0; i < sizeof(hash); i++)
        anchor[i] ^= hash[i];
}

static bool chain_put(struct txn *txn, uint64_t case_number, uint64_t ring_key,
                      const struct chain *before, const struct chain *after, struct err *err)
{
    struct record_key key = key_number(case_number);
    struct record_key bytes = {.n = 0};
    unsigned char *anchor = arena_alloc(txn->scratch, VAULT_MAC_BYTES);
    memcpy(anchor, txn->state.anchor.at, VAULT_MAC_BYTES);
    anchor_turn(txn, case_number, before, anchor);
    anchor_turn(txn, case_number, after, anchor);
    txn->state.anchor = span_of(anchor, VAULT_MAC_BYTES);
    txn->state_changed = true;
    key_u64(&bytes, after->seq);
    key_bytes(&bytes, after->mac, sizeof(after->mac));
    return record_put(txn, TABLE_CHAINS, &key, ring_key, span_of(bytes.at, bytes.n), err);
}

bool txn_add_event(struct txn *txn, uint64_t case_number, const struct event *event,
                   struct err *err)
{
    struct record_key key = key_numbers(case_number, event->seq);
    struct vault_label label = {store_tables[TABLE_EVENTS], span_of(key.at, key.n)};
    struct chain before;
    uint64_t ring_key;
    struct span sealed;
    if (!case_key(txn, case_number, &ring_key, err) || !chain_get(txn, case_number, &before, err))
        return false;
    if (event->seq != before.seq + 1)
        return err_set(err, ERR_OPERATOR, "store: C%llu: event %llu follows event %llu",
                       (unsigned long long)case_number, (unsigned long long)event->seq,
                       (unsigned long long)before.seq);
    struct chain after = before;
    return vault_seal(txn->store->ring, txn->scratch, label, ring_key,
                      json_encode(txn->scratch, event_fields, event), &sealed, err) &&
           kv_put(txn->kv, TABLE_EVENTS, label.key, sealed, err) &&
           chain_step(txn, case_number, ring_key, sealed, &after, err) &&
           chain_put(txn, case_number, ring_key, &before, &after, err);
}

/* ---- listings ---- */

bool txn_list_reports(struct txn *txn, struct arena *a, struct report ***ret, size_t *ret_n,
                      struct err *err)
{
    struct record_key prefix = key_new();
    return record_list(txn, a, TABLE_REPORTS, &prefix, report_fields, sizeof(struct report), ret,
                       ret_n, err);
}

bool txn_list_cases(struct txn *txn, struct arena *a, struct case_head ***ret, size_t *ret_n,
                    struct err *err)
{
    struct record_key prefix = key_new();
    return record_list(txn, a, TABLE_CASES, &prefix, case_fields, sizeof(struct case_head), ret,
                       ret_n, err);
}

bool txn_list_events(struct txn *txn, struct arena *a, uint64_t case_number, struct event ***ret,
                     size_t *ret_n, struct err *err)
{
    struct record_key prefix = key_number(case_number);
    struct event **events;
    size_t n;
    if (!record_list(txn, a, TABLE_EVENTS, &prefix, event_fields, sizeof(struct event), &events, &n,
                     err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!event_upcast(a, events[i]))
            return err_set(err, ERR_OPERATOR,
                           "store: C%llu: event %llu has version %u, this program knows %u",
                           (unsigned long long)case_number, (unsigned long long)events[i]->seq,
                           events[i]->version, (unsigned)EVENT_VERSION);
    }
    *ret = events;
    *ret_n = n;
    return true;
}

/* ---- checks ---- */

/* Walks the sealed events; stops at the first problem. */
static bool chain_walk(struct txn *txn, struct arena *a, uint64_t case_number, struct chain *chain,
                       const char **ret_problem, struct err *err)
{
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct record_key prefix = key_number(case_number);
    struct kv_entry entry;
    if (!kv_cursor_open(txn->kv, TABLE_EVENTS, span_of(prefix.at, prefix.n), &cursor, err))
        return false;
    for (;;) {
        if (!kv_cursor_next(cursor, &entry, err))
            return false;
        if (!entry.key.at)
            return true;
        if (key_last_u64(entry.key) != chain->seq + 1) {
            *ret_problem =
                arena_printf(a, "event %llu is missing", (unsigned long long)chain->seq + 1);
            return true;
        }
        if (!chain_step(txn, case_number, vault_key_number(entry.value), entry.value, chain, err))
            return false;
    }
}

static bool chain_compare(struct txn *txn, struct arena *a, uint64_t case_number,
                          const char **ret_problem, struct err *err)
{
    struct chain walked = {.seq = 0};
    struct chain kept;
    struct event **events;
    size_t n;
    if (!chain_get(txn, case_number, &kept, err) ||
        !chain_walk(txn, a, case_number, &walked, ret_problem, err))
        return false;
    if (*ret_problem)
        return true;
    if (walked.seq != kept.seq)
        *ret_problem = arena_printf(a, "the log has %llu events, its head says %llu",
                                    (unsigned long long)walked.seq, (unsigned long long)kept.seq);
    else if (walked.seq > 0 && sodium_memcmp(walked.mac, kept.mac, sizeof(walked.mac)) != 0)
        *ret_problem = arena_strdup(a, "an event was changed: the chain does not end in its head");
    /* And each one opens. */
    return *ret_problem || txn_list_events(txn, a, case_number, &events, &n, err);
}

bool txn_check_chain(struct txn *txn, struct arena *a, uint64_t case_number,
                     const char **ret_problem, struct err *err)
{
    const char *problem = NULL;
    if (!chain_compare(txn, a, case_number, &problem, err)) {
        /* Damage is what is looked for here; only what may pass by itself is a failure. */
        if (err->kind != ERR_OPERATOR)
            return false;
        problem = arena_strdup(a, err->text);
    }
    *ret_problem = problem;
    return true;
}

bool txn_check_anchor(struct txn *txn, struct arena *a, const char **ret_problem, struct err *err)
{
    struct record_key prefix = key_new();
    unsigned char anchor[VAULT_MAC_BYTES] = {0};
    uint64_t *cases;
    size_t n;
    if (!record_numbers(txn, a, TABLE_CHAINS, &prefix, SIZE_MAX, &cases, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct chain chain;
        if (!chain_get(txn, cases[i], &chain, err))
            return false;
        anchor_turn(txn, cases[i], &chain, anchor);
    }
    *ret_problem = sodium_memcmp(anchor, txn->state.anchor.at, sizeof(anchor)) == 0
                       ? NULL
                       : "the logs of some case were put back to an older state, or taken away";
    return true;
}
