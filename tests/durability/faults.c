/* Stands between a program and the C library (LD_PRELOAD, Linux) and sees each step that
   changes a folder: opening for writing, write, fsync, truncate, rename, unlink, mkdir.

   FAULT_ROOT   the folder; what happens elsewhere is let through
   FAULT_AT     number of the step, counted from 1, at which something happens
   FAULT_KIND   kill: the process dies before the step
                tear: it dies after half of a write, before any other step
                a number: the step fails with this errno
   FAULT_STAY   set: each later step but unlink fails too, as on a disk that stays full
   FAULT_COUNT  a file to which the number of steps is written at the end
   FAULT_LOG    a file to which each step is written with its data, in order
   FAULT_CLOCK  the monotonic clock runs so many times faster (a checkpoint comes sooner) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static size_t root_length;
static long at, steps, clock_factor;
static int error_number, dies, tears, stays, log_fd = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  root = getenv("FAULT_ROOT");
  root_length = root ? strlen(root) : 0;
  const char *text = getenv("FAULT_AT");
  at = text ? atol(text) : 0;
  const char *kind = getenv("FAULT_KIND");
  dies = kind && !strcmp(kind, "kill");
  tears = kind && !strcmp(kind, "tear");
  error_number = kind ? atoi(kind) : 0;
  stays = getenv("FAULT_STAY") != NULL;
  text = getenv("FAULT_CLOCK");
  clock_factor = text ? atol(text) : 0;
  text = getenv("FAULT_LOG");
  if (text) log_fd = REAL(open)(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

__attribute__((destructor)) static void end(void) {
  const char *text = getenv("FAULT_COUNT");
  if (!text) return;
  int fd = REAL(open)(text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  char line[32];
  int length = snprintf(line, sizeof line, "%ld\n", steps);
  if (fd >= 0 && REAL(write)(fd, line, length) != length) _exit(99);
}

static int is_inside(const char *path) {
  return root_length && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

/* The path that a descriptor has now; 0 where it is none of ours. */
static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return is_inside(path);
}

/* The absolute path of a name, without following it. */
static int path_at(int folder, const char *name, char *path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
  } else {
    char base[PATH_MAX];
    if (folder == AT_FDCWD) {
      if (!getcwd(base, sizeof base)) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t length = readlink(link, base, sizeof base - 1);
      if (length <= 0) return 0;
      base[length] = 0;
    }
    snprintf(path, PATH_MAX, "%s/%s", base, name);
  }
  return is_inside(path);
}

/* Counts a step; nonzero where it has to fail, with errno set. Half tells how much of a write
   still goes through before the process dies. The guard is held from here to `done`. */
static int step(int frees, long *half) {
  pthread_mutex_lock(&guard);
  steps++;
  if (!at || steps < at || (steps > at && !stays)) return 0;
  if (dies) kill(getpid(), SIGKILL);
  if (tears) {
    if (half && steps == at) { *half = 1; return 0; }
    kill(getpid(), SIGKILL);
  }
  if (!error_number || (steps > at && frees)) return 0;
  errno = error_number;
  return 1;
}

static void done(void) {
  int kept = errno;
  pthread_mutex_unlock(&guard);
  errno = kept;
}

static void note(const char *what, const char *path, const char *other, off_t offset, const void *data, size_t length) {
  if (log_fd < 0) return;
  int kept = errno;
  char line[2 * PATH_MAX + 100];
  int used = snprintf(line, sizeof line, "%s\t%s\t%s\t%lld\t%zu\n", what, path + root_length,
                      other ? other + root_length : "", (long long)offset, data ? length : 0);
  struct iovec parts[2] = {{line, used}, {(void *)data, data ? length : 0}};
  if (REAL(writev)(log_fd, parts, 2) < 0) _exit(99);
  errno = kept;
}

static int open_at(int folder, const char *name, int flags, mode_t mode) {
  __typeof__(&openat) real = REAL(openat);
  char path[PATH_MAX];
  int writes = (flags & (O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE;
  if (!writes || !path_at(folder, name, path)) return real(folder, name, flags, mode);
  struct stat before;
  int was_there = !fstatat(folder, name, &before, 0);
  if (was_there && (!(flags & O_TRUNC) || before.st_size == 0)) return real(folder, name, flags, mode);
  int fd = -1;
  if (!step(0, NULL)) {
    fd = real(folder, name, flags, mode);
    if (fd >= 0 && !was_there) note("create", path, NULL, 0, NULL, 0);
    if (fd >= 0 && was_there) note("truncate", path, NULL, 0, NULL, 0);
  }
  done();
  return fd;
}

#define MODE() ({ mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } mode; })
int open(const char *name, int flags, ...) { return open_at(AT_FDCWD, name, flags, MODE()); }
int open64(const char *name, int flags, ...) { return open_at(AT_FDCWD, name, flags | O_LARGEFILE, MODE()); }
int openat(int folder, const char *name, int flags, ...) { return open_at(folder, name, flags, MODE()); }
int openat64(int folder, const char *name, int flags, ...) { return open_at(folder, name, flags | O_LARGEFILE, MODE()); }

static ssize_t write_at(int fd, const void *data, size_t length, off_t offset, int placed) {
  char path[PATH_MAX];
  if (fd == log_fd || fd <= 2 || !path_of(fd, path))
    return placed ? REAL(pwrite)(fd, data, length, offset) : REAL(write)(fd, data, length);
  ssize_t written = -1;
  long half = 0;
  if (!step(0, &half)) {
    if (!placed) offset = lseek(fd, 0, SEEK_CUR);
    if (half) length /= 2;
    written = placed ? REAL(pwrite)(fd, data, length, offset) : REAL(write)(fd, data, length);
    if (half) kill(getpid(), SIGKILL);
    if (written > 0) note("write", path, NULL, offset, data, written);
  }
  done();
  return written;
}

ssize_t write(int fd, const void *data, size_t length) { return write_at(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return write_at(fd, data, length, offset, 1); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return write_at(fd, data, length, offset, 1); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  char path[PATH_MAX];
  if (fd == log_fd || fd <= 2 || !path_of(fd, path)) return REAL(writev)(fd, parts, count);
  /* A short write is a right of the system. */
  for (int part = 0; part < count; part++)
    if (parts[part].iov_len) return write_at(fd, parts[part].iov_base, parts[part].iov_len, 0, 0);
  return 0;
}

#define ON_FD(what, call, offset) \
  char path[PATH_MAX]; \
  if (!path_of(fd, path)) return call; \
  int result = -1; \
  if (!step(0, NULL)) { result = call; if (!result) note(what, path, NULL, offset, NULL, 0); } \
  done(); \
  return result;
int fsync(int fd) { ON_FD("sync", REAL(fsync)(fd), 0) }
int fdatasync(int fd) { ON_FD("sync", REAL(fdatasync)(fd), 0) }
int ftruncate(int fd, off_t length) { ON_FD("truncate", REAL(ftruncate)(fd, length), length) }
int ftruncate64(int fd, off64_t length) { ON_FD("truncate", REAL(ftruncate64)(fd, length), length) }

#define ON_NAME(what, folder, name, frees, call) \
  char path[PATH_MAX]; \
  if (!path_at(folder, name, path)) return call; \
  int result = -1; \
  if (!step(frees, NULL)) { result = call; if (!result) note(what, path, NULL, 0, NULL, 0); } \
  done(); \
  return result;
int unlink(const char *name) { ON_NAME("unlink", AT_FDCWD, name, 1, REAL(unlink)(name)) }
int unlinkat(int folder, const char *name, int flags) { ON_NAME("unlink", folder, name, 1, REAL(unlinkat)(folder, name, flags)) }
int rmdir(const char *name) { ON_NAME("unlink", AT_FDCWD, name, 1, REAL(rmdir)(name)) }
int mkdir(const char *name, mode_t mode) { ON_NAME("mkdir", AT_FDCWD, name, 0, REAL(mkdir)(name, mode)) }

static int rename_at(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  char path[PATH_MAX], other[PATH_MAX];
  int ours = path_at(from_folder, from, path) & path_at(to_folder, to, other);
  __typeof__(&renameat2) real = REAL(renameat2);
  if (!ours) return real(from_folder, from, to_folder, to, flags);
  int result = -1;
  if (!step(0, NULL)) {
    result = real(from_folder, from, to_folder, to, flags);
    if (!result) note("rename", path, other, 0, NULL, 0);
  }
  done();
  return result;
}
int rename(const char *from, const char *to) { return rename_at(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_folder, const char *from, int to_folder, const char *to) { return rename_at(from_folder, from, to_folder, to, 0); }
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) { return rename_at(from_folder, from, to_folder, to, flags); }

int clock_gettime(clockid_t clock, struct timespec *time) {
  static __typeof__(&clock_gettime) real;
  if (!real) real = REAL(clock_gettime);
  int result = real(clock, time);
  if (clock_factor && clock == CLOCK_MONOTONIC && !result) {
    __int128 nanoseconds = ((__int128)time->tv_sec * 1000000000 + time->tv_nsec) * clock_factor;
    time->tv_sec = nanoseconds / 1000000000;
    time->tv_nsec = nanoseconds % 1000000000;
  }
  return result;
}
