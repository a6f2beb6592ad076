#include "model/address.h"

#include "base/ascii.h"
#include "base/text.h"

enum { ADDRESS_MAX = 254 /* RFC 5321 4.5.3.1.3 */ };

#define BOUNCE_PREFIX "bounce-"

const char *const address_form_words[3] = {"plus", "subdomain", "none"};

struct span address_domain(struct span address)
{
    for (size_t i = address.n; i > 0; i--) {
        if (address.at[i - 1] == '@')
            return span_from(address, i);
    }
    return span_from(address, address.n);
}

static struct span local_part(struct span address)
{
    struct span domain = address_domain(address);

    return domain.n + 1 > address.n ? span_of(NULL, 0)
                                    : span_first(address, address.n - domain.n - 1);
}

static bool same_nocase(struct span x, struct span y)
{
    if (x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++) {
        if ((x.at[i] | 0x20) != (y.at[i] | 0x20))
            return false;
    }
    return true;
}

static enum address_kind token_kind(struct span token, struct span *ret_token)
{
    if (span_starts_nocase(token, BOUNCE_PREFIX)) {
        *ret_token = span_from(token, strlen(BOUNCE_PREFIX));
        return ADDRESS_BOUNCE;
    }
    *ret_token = token;
    return ADDRESS_TOKEN;
}

/* What stands behind "+" of the alias, or left of the reply domain. */
static enum address_kind detail_kind(struct span detail, struct span *ret_token)
{
    if (span_eq_nocase(detail, "register"))
        return ADDRESS_REGISTER;
    if (span_eq_nocase(detail, "key"))
        return ADDRESS_KEY;
    return token_kind(detail, ret_token);
}

static enum address_kind look_at_alias(const struct desk_addresses *desk, const char *alias,
                                       struct span address, struct span *ret_token)
{
    struct span whole = span_str(alias);
    struct span local = local_part(whole);
    struct span theirs = local_part(address);

    if (same_nocase(whole, address))
        return ADDRESS_ALIAS;
    if (desk->form != ADDRESS_PLUS || !same_nocase(address_domain(whole), address_domain(address)))
        return ADDRESS_FOREIGN;
    if (theirs.n <= local.n + 1 || theirs.at[local.n] != '+' ||
        !same_nocase(span_first(theirs, local.n), local))
        return ADDRESS_FOREIGN;
    return detail_kind(span_from(theirs, local.n + 1), ret_token);
}

enum address_kind address_look(const struct desk_addresses *desk, struct span address,
                               struct span *ret_token)
{
    struct span token = span_of(NULL, 0);
    enum address_kind kind = ADDRESS_FOREIGN;

    for (size_t i = 0; i < desk->all.n && kind == ADDRESS_FOREIGN; i++)
        kind = look_at_alias(desk, desk->all.at[i], address, &token);
    if (kind == ADDRESS_FOREIGN && desk->form == ADDRESS_SUBDOMAIN &&
        same_nocase(address_domain(address), span_str(desk->reply_domain)) &&
        local_part(address).n > 0)
        kind = detail_kind(local_part(address), &token);
    if (kind == ADDRESS_FOREIGN && desk->register_address != NULL && address.n > 0 &&
        same_nocase(address, span_str(desk->register_address)))
        kind = ADDRESS_REGISTER;
    if (kind == ADDRESS_FOREIGN && desk->key_address != NULL && address.n > 0 &&
        same_nocase(address, span_str(desk->key_address)))
        kind = ADDRESS_KEY;
    if (ret_token != NULL)
        *ret_token = token;
    return kind;
}

static char *with_detail(struct arena *a, const struct desk_addresses *desk, const char *prefix,
                         const char *token)
{
    struct span alias = span_str(desk->all.at[0]);
    struct span local = local_part(alias);

    if (desk->form == ADDRESS_SUBDOMAIN)
        return arena_printf(a, "%s%s@%s", prefix, token, desk->reply_domain);
    if (desk->form == ADDRESS_PLUS)
        return arena_printf(a, "%.*s+%s%s@%s", (int)local.n, (const char *)local.at, prefix, token,
                            (const char *)address_domain(alias).at);
    return arena_strdup(a, desk->all.at[0]);
}

char *address_for_token(struct arena *a, const struct desk_addresses *desk, const char *token)
{
    return with_detail(a, desk, "", token);
}

char *address_for_bounce(struct arena *a, const struct desk_addresses *desk, const char *token)
{
    return with_detail(a, desk, BOUNCE_PREFIX, token);
}

char *address_clean(struct arena *a, struct span address)
{
    size_t local_n;
    char *clean;

    address = span_trim(address);
    if (address.n >= 2 && address.at[0] == '<' && address.at[address.n - 1] == '>')
        address = span_first(span_from(address, 1), address.n - 2);
    if (address.n == 0 || address.n > ADDRESS_MAX || local_part(address).n == 0 ||
        address_domain(address).n == 0)
        return NULL;
    for (size_t i = 0; i < address.n; i++) {
        if (address.at[i] <= ' ' || address.at[i] == 0x7f || address.at[i] == '<' ||
            address.at[i] == '>')
            return NULL;
    }
    clean = span_dup(a, address);
    local_n = local_part(address).n;
    ascii_lower_all(clean + local_n);
    return clean;
}
