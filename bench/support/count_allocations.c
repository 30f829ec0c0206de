/* Counts what a program allocates. Loaded with LD_PRELOAD; the numbers go to the file that
 * HIKYAKU_COUNTS names, three 64-bit numbers that can be read at any time: allocations, bytes asked
 * for, and blocks given back. A realloc counts as an allocation. Without the variable it only
 * passes the calls on. The bench scenario `costs` uses it. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own names: asking dlsym for the next malloc would allocate. */
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
extern void __libc_free(void*);

struct counts {
    uint64_t allocations, bytes, frees;
};

static struct counts nowhere;
static struct counts* counts = &nowhere;

__attribute__((constructor)) static void open_counts(void) {
    const char* path = getenv("HIKYAKU_COUNTS");
    if (path == NULL) return;
    const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    if (ftruncate(file, sizeof(struct counts)) == 0) {
        void* map = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (map != MAP_FAILED) counts = map;
    }
    close(file);
}

static void note(size_t bytes) {
    __atomic_fetch_add(&counts->allocations, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts->bytes, bytes, __ATOMIC_RELAXED);
}

void* malloc(size_t bytes) {
    note(bytes);
    return __libc_malloc(bytes);
}

void* calloc(size_t number, size_t size) {
    note(number * size);
    return __libc_calloc(number, size);
}

void* realloc(void* block, size_t bytes) {
    note(bytes);
    return __libc_realloc(block, bytes);
}

void* memalign(size_t alignment, size_t bytes) {
    note(bytes);
    return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) {
    return memalign(alignment, bytes);
}

int posix_memalign(void** block, size_t alignment, size_t bytes) {
    if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) {
        return EINVAL;
    }
    void* made = memalign(alignment, bytes);
    if (made == NULL) return ENOMEM;
    *block = made;
    return 0;
}

void free(void* block) {
    if (block != NULL) __atomic_fetch_add(&counts->frees, 1, __ATOMIC_RELAXED);
    __libc_free(block);
}
