/* Loaded into the gateway by LD_PRELOAD: remembers what a power cut may take away. Every file below
 * POWER_LOSS_FOLDER is followed; before a block of it is overwritten for the first time since its
 * last sync, the block's old content goes into the journal POWER_LOSS_JOURNAL, which survives
 * SIGKILL, and a sync takes it out again. After a kill tests/support/power.py gives back old blocks
 * as a disk does that had not written them yet.
 *
 * fsync and fdatasync end a file's records, a write through a descriptor with O_SYNC or O_DSYNC the
 * records of its blocks only, fsync of a folder those of renames in it. What is written through a
 * mapping could not be followed: a shared writable one of a followed file ends the process, except
 * of lock.mdb, which LMDB makes anew. Each sync takes POWER_LOSS_SYNC_US microseconds longer, as on a
 * slow disk, so that more deaths fall into one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { block_bytes = 4096, descriptors_max = 65536, files_max = 16, blocks_max = 1 << 20 };

/* What the journal consists of; `bytes` octets follow. Host order, read by power.py. */
struct record {
    uint32_t magic;
    uint32_t kind;
    uint64_t inode;
    uint64_t offset;
    uint64_t length;
    uint64_t bytes;
};
enum {
    record_block = 1,        /* old content at offset; shorter than a block: the file ended there */
    record_size = 2,         /* length: the file's size at its last sync */
    record_range_synced = 3, /* the blocks from offset on, length octets */
    record_file_synced = 4,
    record_renamed = 5, /* old name, 0, new name, 0 */
    record_folder_synced = 6
};
enum { record_magic = 0x504f5752 };

struct followed {
    uint64_t inode;
    int size_known; /* since the last sync */
    unsigned char touched[blocks_max / 8];
};

static struct followed files[files_max];
static int files_count;
static unsigned char file_of[descriptors_max]; /* 1 + index in files; 0: not followed */
static unsigned char synchronous[descriptors_max];
static int renames_pending;
static useconds_t sync_takes;
static char folder[4096];
static int journal = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name)                                                   \
    static __typeof__(&name) real_##name;                            \
    if (real_##name == NULL) *(void**)&real_##name = dlsym(RTLD_NEXT, #name)

static void fail(const char* what) {
    perror(what);
    abort();
}

__attribute__((constructor)) static void open_journal(void) {
    REAL(open);
    const char* path = getenv("POWER_LOSS_JOURNAL");
    const char* where = getenv("POWER_LOSS_FOLDER");
    if (path == NULL || where == NULL) return;
    snprintf(folder, sizeof folder, "%s/", where);
    journal = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) fail(path);
    const char* delay = getenv("POWER_LOSS_SYNC_US");
    if (delay != NULL) sync_takes = (useconds_t)strtoul(delay, NULL, 10);
}

static void note(struct record what, const void* octets) {
    REAL(writev);
    what.magic = record_magic;
    struct iovec parts[2] = {{&what, sizeof what}, {(void*)octets, what.bytes}};
    const ssize_t wanted = (ssize_t)(sizeof what + what.bytes);
    if (real_writev(journal, parts, 2) != wanted) fail("journal of power_loss");
}

static void follow(int descriptor, const char* path, int flags) {
    struct stat status;
    const char* name = strrchr(path, '/');
    if (journal < 0 || descriptor < 0 || strncmp(path, folder, strlen(folder)) != 0) return;
    if (descriptor >= descriptors_max) abort();
    if ((flags & O_ACCMODE) == O_RDONLY || strcmp(name, "/lock.mdb") == 0) return;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return;
    pthread_mutex_lock(&lock);
    int at = 0;
    while (at < files_count && files[at].inode != (uint64_t)status.st_ino)
        ++at;
    if (at == files_count && files_count++ == files_max) abort();
    files[at].inode = (uint64_t)status.st_ino;
    if (status.st_size == 0) { /* an inode that is used again */
        memset(files[at].touched, 0, sizeof files[at].touched);
        files[at].size_known = 0;
        note((struct record){.kind = record_file_synced, .inode = files[at].inode}, "");
    }
    file_of[descriptor] = (unsigned char)(at + 1);
    synchronous[descriptor] = (flags & (O_SYNC | O_DSYNC)) != 0;
    pthread_mutex_unlock(&lock);
}

static struct followed* file_at(int descriptor) {
    if (descriptor < 0 || descriptor >= descriptors_max || file_of[descriptor] == 0) return NULL;
    return &files[file_of[descriptor] - 1];
}

static void note_size(int descriptor, struct followed* file) {
    struct stat status;
    if (file->size_known) return;
    if (fstat(descriptor, &status) != 0) fail("fstat");
    file->size_known = 1;
    note((struct record){.kind = record_size, .inode = file->inode,
                         .length = (uint64_t)status.st_size}, "");
}

/* A descriptor for writing only cannot be read: the old content comes through another one. */
static ssize_t read_old(int descriptor, void* into, uint64_t offset) {
    REAL(open);
    REAL(close);
    char path[64];
    ssize_t got = pread(descriptor, into, block_bytes, (off_t)offset);
    if (got >= 0 || errno != EBADF) return got;
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    const int readable = real_open(path, O_RDONLY | O_CLOEXEC);
    got = pread(readable, into, block_bytes, (off_t)offset);
    real_close(readable);
    return got;
}

/* Before a write of `length` octets at `offset`. */
static void before_write(int descriptor, struct followed* file, uint64_t offset, uint64_t length) {
    char old[block_bytes];
    note_size(descriptor, file);
    for (uint64_t block = offset / block_bytes; block * block_bytes < offset + length; ++block) {
        if (block >= blocks_max) abort();
        if (file->touched[block / 8] & (1 << block % 8)) continue;
        file->touched[block / 8] |= (unsigned char)(1 << block % 8);
        const ssize_t got = read_old(descriptor, old, block * block_bytes);
        if (got < 0) fail("reading the old block");
        note((struct record){.kind = record_block, .inode = file->inode,
                             .offset = block * block_bytes, .bytes = (uint64_t)got}, old);
    }
}

/* After a write that was synchronous: its blocks, and a size that it needed, are on disk. */
static void after_synchronous(struct followed* file, uint64_t offset, uint64_t length) {
    for (uint64_t block = offset / block_bytes; block * block_bytes < offset + length; ++block)
        file->touched[block / 8] &= (unsigned char)~(1 << block % 8);
    note((struct record){.kind = record_range_synced, .inode = file->inode, .offset = offset,
                         .length = length}, "");
}

static void after_sync(struct followed* file) {
    REAL(ftruncate);
    memset(file->touched, 0, sizeof file->touched);
    file->size_known = 0;
    if (files_count == 1 && renames_pending == 0) {
        if (real_ftruncate(journal, 0) != 0) fail("journal of power_loss");
    } else {
        note((struct record){.kind = record_file_synced, .inode = file->inode}, "");
    }
}

#define OPENING(name)                                              \
    int name(const char* path, int flags, ...) {                   \
        REAL(name);                                                \
        va_list more;                                              \
        va_start(more, flags);                                     \
        const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                              \
        const int descriptor = real_##name(path, flags, mode);     \
        follow(descriptor, path, flags);                           \
        return descriptor;                                         \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                           \
    int name(int in, const char* path, int flags, ...) {           \
        REAL(name);                                                \
        va_list more;                                              \
        va_start(more, flags);                                     \
        const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                              \
        const int descriptor = real_##name(in, path, flags, mode); \
        follow(descriptor, path, flags);                           \
        return descriptor;                                         \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

int close(int descriptor) {
    REAL(close);
    if (descriptor >= 0 && descriptor < descriptors_max) file_of[descriptor] = 0;
    return real_close(descriptor);
}

/* One write of `length` octets, `call` the expression that does it. */
#define WRITING(descriptor, place, size, call)                             \
    do {                                                                   \
        struct followed* file = file_at(descriptor);                       \
        if (file == NULL) return (call);                                   \
        if (synchronous[descriptor]) usleep(sync_takes);                   \
        pthread_mutex_lock(&lock);                                         \
        const uint64_t at = (uint64_t)(place), length = (uint64_t)(size);  \
        before_write(descriptor, file, at, length);                        \
        const ssize_t done = (call);                                       \
        if (done == (ssize_t)length && synchronous[descriptor])            \
            after_synchronous(file, at, length);                           \
        pthread_mutex_unlock(&lock);                                       \
        return done;                                                       \
    } while (0)

static uint64_t size_of(const struct iovec* parts, int count) {
    uint64_t size = 0;
    for (int i = 0; i < count; ++i)
        size += parts[i].iov_len;
    return size;
}

ssize_t pwrite(int descriptor, const void* octets, size_t size, off_t offset) {
    REAL(pwrite);
    WRITING(descriptor, offset, size, real_pwrite(descriptor, octets, size, offset));
}

ssize_t pwrite64(int descriptor, const void* octets, size_t size, off_t offset) {
    REAL(pwrite);
    WRITING(descriptor, offset, size, real_pwrite(descriptor, octets, size, offset));
}

ssize_t write(int descriptor, const void* octets, size_t size) {
    REAL(write);
    WRITING(descriptor, lseek(descriptor, 0, SEEK_CUR), size,
            real_write(descriptor, octets, size));
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
    REAL(writev);
    WRITING(descriptor, lseek(descriptor, 0, SEEK_CUR), size_of(parts, count),
            real_writev(descriptor, parts, count));
}

ssize_t pwritev(int descriptor, const struct iovec* parts, int count, off_t offset) {
    REAL(pwritev);
    WRITING(descriptor, offset, size_of(parts, count),
            real_pwritev(descriptor, parts, count, offset));
}

int ftruncate(int descriptor, off_t size) {
    REAL(ftruncate);
    struct followed* file = file_at(descriptor);
    if (file == NULL) return real_ftruncate(descriptor, size);
    struct stat status;
    pthread_mutex_lock(&lock);
    if (fstat(descriptor, &status) != 0) fail("fstat");
    note_size(descriptor, file);
    if (size < status.st_size)
        before_write(descriptor, file, (uint64_t)size, (uint64_t)(status.st_size - size));
    const int done = real_ftruncate(descriptor, size);
    pthread_mutex_unlock(&lock);
    return done;
}

static int synced(int descriptor, int done) {
    struct followed* file = file_at(descriptor);
    struct stat status;
    if (done != 0 || journal < 0) return done;
    pthread_mutex_lock(&lock);
    if (file != NULL) {
        after_sync(file);
    } else if (renames_pending && fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        renames_pending = 0;
        note((struct record){.kind = record_folder_synced}, "");
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int descriptor) {
    REAL(fsync);
    if (file_at(descriptor) != NULL) usleep(sync_takes);
    return synced(descriptor, real_fsync(descriptor));
}

int fdatasync(int descriptor) {
    REAL(fdatasync);
    if (file_at(descriptor) != NULL) usleep(sync_takes);
    return synced(descriptor, real_fdatasync(descriptor));
}

int rename(const char* from, const char* to) {
    REAL(rename);
    struct stat status;
    if (journal < 0 || strncmp(to, folder, strlen(folder)) != 0 || stat(from, &status) != 0)
        return real_rename(from, to);
    char names[8192];
    const int bytes = snprintf(names, sizeof names, "%s%c%s", from, 0, to) + 1;
    pthread_mutex_lock(&lock);
    renames_pending = 1;
    note((struct record){.kind = record_renamed, .inode = (uint64_t)status.st_ino,
                         .bytes = (uint64_t)bytes}, names);
    const int done = real_rename(from, to);
    pthread_mutex_unlock(&lock);
    return done;
}

void* mmap(void* at, size_t length, int protection, int flags, int descriptor, off_t offset) {
    REAL(mmap);
    if (file_at(descriptor) != NULL && (protection & PROT_WRITE) && (flags & MAP_SHARED)) abort();
    return real_mmap(at, length, protection, flags, descriptor, offset);
}
