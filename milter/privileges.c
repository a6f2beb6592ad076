#include "milter/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned kept[] = {CAP_SETUID, CAP_SETGID,       CAP_CHOWN,
                                CAP_FOWNER, CAP_DAC_OVERRIDE, CAP_KILL};

static bool is_kept(unsigned capability)
{
    for (size_t i = 0; i < LEN(kept); i++) {
        if (kept[i] == capability)
            return true;
    }
    return false;
}

/* What a program that is started can never have again. */
static void bound(void)
{
    for (unsigned i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++) {
        if (!is_kept(i))
            prctl(PR_CAPBSET_DROP, i); /* refused where a unit has bounded us already */
    }
}

bool privileges_keep(struct err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    if (geteuid() != 0)
        return true;
    bound();
    if (syscall(SYS_capget, &head, data) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "capget");
    for (unsigned i = 0; i < LEN(data) * 32; i++) {
        if (!is_kept(i)) {
            data[i / 32].effective &= ~(1U << i % 32);
            data[i / 32].permitted &= ~(1U << i % 32);
        }
        data[i / 32].inheritable = 0;
    }
    return syscall(SYS_capset, &head, data) == 0 || err_sys(err, ERR_OPERATOR, errno, "capset");
}
