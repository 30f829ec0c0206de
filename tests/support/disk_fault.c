/* Loaded into the gateway by LD_PRELOAD: a disk that fails when the test says so, for every file
 * below DISK_FAULT_FOLDER. DISK_FAULT_FILE holds three numbers (32 bits, host order) which the test
 * changes while the gateway runs; each is an errno, or 0 for a disk that works:
 *   0  opening for writing, writing, making longer
 *   1  syncing
 *   2  writing through a descriptor with O_SYNC or O_DSYNC (LMDB writes its header so) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { fault_write, fault_sync, fault_synchronous_write, faults };
enum { descriptors_max = 65536 };

static const volatile int32_t* fault;
static char folder[4096];
static unsigned char kind_of[descriptors_max]; /* 1: below the folder, 2: synchronous as well */

#define REAL(name)                                                   \
    static __typeof__(&name) real_##name;                            \
    if (real_##name == NULL) *(void**)&real_##name = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void open_faults(void) {
    const char* path = getenv("DISK_FAULT_FILE");
    const char* where = getenv("DISK_FAULT_FOLDER");
    if (path == NULL || where == NULL) return;
    REAL(open);
    const int file = real_open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) abort();
    void* mapped = mmap(NULL, faults * sizeof(int32_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort();
    snprintf(folder, sizeof folder, "%s/", where);
    fault = mapped;
}

/* Nonzero, with errno set, when this is one of the folder's files and that kind of work fails. */
static int fails(int descriptor, int which) {
    if (fault == NULL || descriptor < 0 || descriptor >= descriptors_max ||
        kind_of[descriptor] == 0) {
        return 0;
    }
    if (which == fault_write && kind_of[descriptor] == 2) which = fault_synchronous_write;
    const int32_t code = fault[which];
    if (code != 0) errno = code;
    return code != 0;
}

static int open_fails(const char* path, int flags) {
    if (fault == NULL || strncmp(path, folder, strlen(folder)) != 0) return 0;
    const int32_t code = fault[fault_write];
    if (code == 0 || (flags & O_ACCMODE) == O_RDONLY) return 0;
    errno = code;
    return 1;
}

static int opened(int descriptor, const char* path, int flags) {
    if (fault == NULL || descriptor < 0 || strncmp(path, folder, strlen(folder)) != 0)
        return descriptor;
    if (descriptor >= descriptors_max) abort();
    kind_of[descriptor] = (flags & (O_SYNC | O_DSYNC)) != 0 ? 2 : 1;
    return descriptor;
}

#define OPENING(name)                                                   \
    int name(const char* path, int flags, ...) {                        \
        REAL(name);                                                     \
        va_list more;                                                   \
        va_start(more, flags);                                          \
        const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                   \
        if (open_fails(path, flags)) return -1;                         \
        return opened(real_##name(path, flags, mode), path, flags);     \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                                \
    int name(int in, const char* path, int flags, ...) {                \
        REAL(name);                                                     \
        va_list more;                                                   \
        va_start(more, flags);                                          \
        const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                   \
        if (open_fails(path, flags)) return -1;                         \
        return opened(real_##name(in, path, flags, mode), path, flags); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

int close(int descriptor) {
    REAL(close);
    if (descriptor >= 0 && descriptor < descriptors_max) kind_of[descriptor] = 0;
    return real_close(descriptor);
}

ssize_t pwrite(int descriptor, const void* octets, size_t size, off_t offset) {
    REAL(pwrite);
    return fails(descriptor, fault_write) ? -1 : real_pwrite(descriptor, octets, size, offset);
}

ssize_t pwrite64(int descriptor, const void* octets, size_t size, off_t offset) {
    REAL(pwrite);
    return fails(descriptor, fault_write) ? -1 : real_pwrite(descriptor, octets, size, offset);
}

ssize_t write(int descriptor, const void* octets, size_t size) {
    REAL(write);
    return fails(descriptor, fault_write) ? -1 : real_write(descriptor, octets, size);
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
    REAL(writev);
    return fails(descriptor, fault_write) ? -1 : real_writev(descriptor, parts, count);
}

ssize_t pwritev(int descriptor, const struct iovec* parts, int count, off_t offset) {
    REAL(pwritev);
    return fails(descriptor, fault_write) ? -1 : real_pwritev(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t size) {
    REAL(ftruncate);
    return fails(descriptor, fault_write) ? -1 : real_ftruncate(descriptor, size);
}

int posix_fallocate(int descriptor, off_t offset, off_t size) {
    REAL(posix_fallocate);
    return fails(descriptor, fault_write) ? errno : real_posix_fallocate(descriptor, offset, size);
}

int fsync(int descriptor) {
    REAL(fsync);
    return fails(descriptor, fault_sync) ? -1 : real_fsync(descriptor);
}

int fdatasync(int descriptor) {
    REAL(fdatasync);
    return fails(descriptor, fault_sync) ? -1 : real_fdatasync(descriptor);
}
