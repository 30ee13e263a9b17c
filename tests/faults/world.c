/* The world as one process sees it, changed: a disk that fails, a wall clock that is set.

   Loaded before the C library (LD_PRELOAD). WORLD names a file of 64-bit numbers, which may be
   changed at any time by who started the process (tests/faults/world.py):
   [0] seconds by which the wall clock is off; then two for each of write, fsync (with their
   likes), rename, unlink, open to create: [1+2n] every which call fails (0: none), [2+2n] calls
   so far.
   FOLDER: only calls about what lies below it are counted, and fail, with EIO and undone. */
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
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE, FSYNC, RENAME, UNLINK, CREATE, CALLS };
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static volatile int64_t *world;
static const char *folder;
static int (*real_clock)(clockid_t, struct timespec *);
static ssize_t (*real_write)(int, const void *, size_t);

__attribute__((constructor)) static void begin(void) {
    real_clock = REAL(clock_gettime);
    real_write = REAL(write);
    folder = getenv("FOLDER");
    int file = open(getenv("WORLD"), O_RDWR);
    void *seen = mmap(NULL, 8 * (1 + 2 * CALLS), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (file < 0 || seen == MAP_FAILED) abort();
    world = seen;
}

static int fails(int call, const char *path) {
    if (!world || !world[1 + 2 * call] || strncmp(path, folder, strlen(folder))) return 0;
    int64_t so_far = __atomic_add_fetch(&world[2 + 2 * call], 1, __ATOMIC_SEQ_CST);
    if (so_far % world[1 + 2 * call]) return 0;
    errno = EIO;
    return 1;
}

static int fails_at(int call, int file) {
    char link[40], path[4096];
    if (!world || !world[1 + 2 * call]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return fails(call, path);
}

ssize_t write(int file, const void *data, size_t size) {
    return fails_at(WRITE, file) ? -1 : real_write(file, data, size);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    return fails_at(WRITE, file) ? -1 : REAL(writev)(file, parts, count);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t where) {
    return fails_at(WRITE, file) ? -1 : REAL(pwrite64)(file, data, size, where);
}

int fdatasync(int file) { return fails_at(FSYNC, file) ? -1 : REAL(fdatasync)(file); }

int fsync(int file) { return fails_at(FSYNC, file) ? -1 : REAL(fsync)(file); }

int rename(const char *from, const char *to) {
    return fails(RENAME, to) ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path) { return fails(UNLINK, path) ? -1 : REAL(unlink)(path); }

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return flags & O_CREAT && fails(CREATE, path) ? -1 : REAL(open64)(path, flags, mode);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = real_clock ? real_clock(clock, now) : REAL(clock_gettime)(clock, now);
    if (world && clock == CLOCK_REALTIME) now->tv_sec += world[0];
    return answer;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec time;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &time);
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}
