/*
 * address.h - the desk's own addresses: which mail is ours, and the private forms that carry a
 * token.
 *
 * Promises: one codec for all forms (plus, subdomain, none); letter case never matters; a look at
 * an address says what kind it is, not whether its token is genuine (the store knows). Forms: plus
 * security@cert.example, security+<token>@cert.example subdomain security@cert.example,
 * <token>@reply.cert.example none      security@cert.example only, register and key addresses of
 * their own
 */
#ifndef MODEL_ADDRESS_H
#define MODEL_ADDRESS_H

#include "model/message.h"

enum address_form { ADDRESS_PLUS, ADDRESS_SUBDOMAIN, ADDRESS_NONE };
extern const char *const address_form_words[3];

struct desk_addresses {
    struct strs all; /* plain aliases; the first is the From of everything */
    enum address_form form;
    const char *reply_domain;     /* subdomain form */
    const char *register_address; /* none form; "" if there is none */
    const char *key_address;
};

enum address_kind {
    ADDRESS_FOREIGN, /* not the desk's */
    ADDRESS_ALIAS,
    ADDRESS_TOKEN,  /* private reply address; or one that only looks so */
    ADDRESS_BOUNCE, /* envelope sender of a letter, come back */
    ADDRESS_REGISTER,
    ADDRESS_KEY,
};

/* ret_token (may be NULL): the token's characters, inside address. address: bare addr-spec. */
enum address_kind address_look(const struct desk_addresses *desk, struct span address,
                               struct span *ret_token);

/* The private reply address for a token; the alias in form none. */
char *address_for_token(struct arena *a, const struct desk_addresses *desk, const char *token);
/* The envelope sender for a letter's one-time token; the alias in form none. */
char *address_for_bounce(struct arena *a, const struct desk_addresses *desk, const char *token);

struct span address_domain(struct span address); /* after the last '@', empty if there is none */
/* Without <> and blanks, domain in ASCII lower case; NULL if it is no addr-spec (one '@' or more,
 * both sides there, no control characters, at most 254 bytes). */
char *address_clean(struct arena *a, struct span address);

#endif
