#include "engine/accepted.h"

#include <string.h>

#include "model/templates.h"

bool accepted_waits(const struct policy *policy, const struct directory *directory,
                    const struct case_head *head, const struct party *party)
{
    const struct org *org = directory_org(directory, party->org);
    bool asked = party->kind == PARTY_VENDOR || party->kind == PARTY_PARTNER;
    return policy->terms_before_details && asked && !party->accepted &&
           head->embargo != EMBARGO_EXITED && (!org || org->trust < ORG_VERIFIED);
}

const char *accepted_template(const struct policy *policy, const struct directory *directory,
                              const struct case_head *head, const struct party *party,
                              const char *template)
{
    bool first = strcmp(template, TEMPLATE_VENDOR_NOTICE) == 0 ||
                 strcmp(template, TEMPLATE_VENDOR_DIGEST) == 0;
    if (template_tells(template) != TELLS_DETAILS ||
        !accepted_waits(policy, directory, head, party))
        return template;
    return first ? TEMPLATE_VENDOR_INVITE : NULL;
}
