/* write.c: see write.h. */
#include "sim/report/write.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

enum { TRIES = 1000 };

static bool fail(GError **error, const char *path, int number) {
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number), "cannot write %s: %s", path,
                number != 0 ? g_strerror(number) : "its content could not be made");
    return false;
}

/* Opens a new file beside `path`. The umask decides on its mode, as for any other file. */
static int open_beside(const char *folder, const char *base, char **temporary) {
    for (int i = 0; i < TRIES; i++) {
        char *name = g_strdup_printf(".%s.%ld-%d", base, (long)getpid(), i);
        *temporary = g_build_filename(folder, name, NULL);
        g_free(name);
        int fd = g_open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) return fd;
        int number = errno;
        g_free(*temporary);
        *temporary = NULL;
        errno = number;
        if (number != EEXIST) return -1;
    }
    return -1;
}

/* A folder that cannot be flushed (some file systems refuse) is no reason to lose the result. */
static void flush_folder(const char *folder) {
    int fd = g_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

struct SimWriting {
    char *path, *folder, *temporary;
    FILE *out;
};

static void writing_free(SimWriting *w) {
    g_free(w->path);
    g_free(w->folder);
    g_free(w->temporary);
    g_free(w);
}

SimWriting *sim_write_begin(const char *path, GError **error) {
    SimWriting *w = g_new0(SimWriting, 1);
    char *base = g_path_get_basename(path);
    w->path = g_strdup(path);
    w->folder = g_path_get_dirname(path);
    int fd = open_beside(w->folder, base, &w->temporary);
    if (fd >= 0) w->out = fdopen(fd, "w");
    int number = errno;
    g_free(base);
    if (w->out) return w;
    if (fd >= 0) {
        close(fd);
        (void)g_unlink(w->temporary);
    }
    writing_free(w);
    fail(error, path, number);
    return NULL;
}

FILE *sim_write_stream(const SimWriting *w) {
    return w->out;
}

bool sim_write_end(SimWriting *w, bool good, GError **error) {
    int number = good ? 0 : errno;
    if (good && (fflush(w->out) != 0 || ferror(w->out) || fsync(fileno(w->out)) != 0)) {
        number = errno != 0 ? errno : EIO;
        good = false;
    }
    if (fclose(w->out) != 0 && good) {
        number = errno;
        good = false;
    }
    if (good && g_rename(w->temporary, w->path) != 0) {
        number = errno;
        good = false;
    }
    if (good)
        flush_folder(w->folder);
    else
        (void)g_unlink(w->temporary);
    if (!good) fail(error, w->path, number);
    writing_free(w);
    return good;
}

bool sim_write_atomically(const char *path, bool (*fill)(FILE *, void *), void *data,
                          GError **error) {
    SimWriting *w = sim_write_begin(path, error);
    if (!w) return false;
    errno = 0;
    bool good = fill(w->out, data);
    return sim_write_end(w, good, error);
}
