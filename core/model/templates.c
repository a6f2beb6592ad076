#include "model/templates.h"

#include <string.h>

static const struct {
    const char *name;
    enum template_tells tells;
} rows[] = {
    {TEMPLATE_KEY_NEEDED, TELLS_NOTHING},
    {TEMPLATE_REPORT_RECEIVED, TELLS_NOTHING},
    {TEMPLATE_REPORT_UNDECRYPTABLE, TELLS_NOTHING},
    {TEMPLATE_REGISTRATION_RECEIVED, TELLS_NOTHING},
    {TEMPLATE_DESK_KEY, TELLS_NOTHING},
    {TEMPLATE_VENDOR_INVITE, TELLS_CASE},
    {TEMPLATE_VENDOR_REMINDER, TELLS_CASE},
    {TEMPLATE_EMBARGO_PROPOSED, TELLS_CASE},
    {TEMPLATE_EMBARGO_AGREED, TELLS_CASE},
    {TEMPLATE_EMBARGO_REMINDER, TELLS_CASE},
    {TEMPLATE_EMBARGO_EXITED, TELLS_CASE},
    {TEMPLATE_CASE_WITHDRAWN, TELLS_CASE},
    {TEMPLATE_SENT_IN_ERROR, TELLS_CASE},
    {TEMPLATE_KEY_EXPIRING, TELLS_CASE},
    {TEMPLATE_REGISTRATION_APPROVED, TELLS_CASE},
    {TEMPLATE_COMMAND_RESULT, TELLS_CASE},
};

enum template_tells template_tells(const char *name)
{
    for (size_t i = 0; i < LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].tells;
    return TELLS_DETAILS;
}
