/* Loaded into the gateway by LD_PRELOAD: moves the wall clock by the seconds that stand in the file
 * named by CLOCK_SHIFT_FILE (eight octets, host order), which the test changes while the gateway
 * runs. The steady clock stays as it is, as when an administrator sets the time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* shift;

__attribute__((constructor)) static void open_shift(void) {
    const char* path = getenv("CLOCK_SHIFT_FILE");
    if (path == NULL) return;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) abort();
    void* mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED) abort();
    shift = mapped;
}

int clock_gettime(clockid_t which, struct timespec* now) {
    static int (*real)(clockid_t, struct timespec*);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "clock_gettime");
    const int result = real(which, now);
    const int wall = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE;
    if (result == 0 && wall && shift != NULL) now->tv_sec += *shift;
    return result;
}
