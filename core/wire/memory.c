#include "wire/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/frame.h"

static const int all_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

bool memory_open(int *ret_fd, struct err *err)
{
    int fd = memfd_create("embargod", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return err_sys(err, ERR_RETRY, errno, "memfd_create");
    *ret_fd = fd;
    return true;
}

bool memory_write(int fd, struct span bytes, struct err *err)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.at, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, ERR_RETRY, errno, "writing to memory");
        bytes = span_from(bytes, (size_t)n);
    }
    return true;
}

bool memory_finish(int fd, struct err *err)
{
    if (fcntl(fd, F_ADD_SEALS, all_seals) != 0)
        return err_sys(err, ERR_RETRY, errno, "sealing memory");
    return true;
}

bool memory_seal(struct span bytes, int *ret_fd, struct err *err)
{
    SCOPED(fd_close) int fd = -1;

    if (!memory_open(&fd, err) || !memory_write(fd, bytes, err) || !memory_finish(fd, err))
        return false;
    *ret_fd = fd;
    fd = -1;
    return true;
}

bool memory_map(int fd, size_t max, struct memory *ret_memory, struct err *err)
{
    struct stat st;
    void *at;

    if (fd < 0 || (fcntl(fd, F_GET_SEALS) & all_seals) != all_seals)
        return err_set(err, ERR_OPERATOR, "bytes that were handed over are not sealed");
    if (fstat(fd, &st) != 0)
        return err_sys(err, ERR_RETRY, errno, "fstat");
    if (st.st_size < 0 || (uint64_t)st.st_size > max)
        return err_set(err, ERR_OPERATOR, "%lld bytes were handed over, more than the limit of %zu",
                       (long long)st.st_size, max);
    if (st.st_size == 0) {
        *ret_memory = (struct memory){.mapped = NULL};
        return true;
    }
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return err_sys(err, ERR_RETRY, errno, "mmap");
    *ret_memory = (struct memory){.bytes = span_of(at, (size_t)st.st_size), .mapped = at};
    return true;
}

void memory_unmap(struct memory *memory)
{
    if (memory->mapped != NULL)
        munmap(memory->mapped, memory->bytes.n);
    *memory = (struct memory){.mapped = NULL};
}
