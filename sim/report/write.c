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

/* Returns 0, or the error number, or -1 where fill gave up without one. */
static int fill_and_close(int fd, bool (*fill)(FILE *, void *), void *data) {
    FILE *out = fdopen(fd, "w");
    if (out == NULL) {
        int number = errno;
        close(fd);
        return number;
    }
    errno = 0;
    bool ok = fill(out, data);
    int number = ok ? 0 : errno != 0 ? errno : -1;
    if (number == 0 && (fflush(out) != 0 || ferror(out) || fsync(fileno(out)) != 0))
        number = errno != 0 ? errno : EIO;
    if (fclose(out) != 0 && number == 0) number = errno;
    return number;
}

/* A folder that cannot be flushed (some file systems refuse) is no reason to lose the result. */
static void flush_folder(const char *folder) {
    int fd = g_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

bool sim_write_atomically(const char *path, bool (*fill)(FILE *, void *), void *data,
                          GError **error) {
    char *folder = g_path_get_dirname(path), *base = g_path_get_basename(path), *temporary = NULL;
    int fd = open_beside(folder, base, &temporary), number = 0;
    if (fd < 0) {
        number = errno;
    } else {
        number = fill_and_close(fd, fill, data);
        if (number == 0 && g_rename(temporary, path) != 0) number = errno;
        if (number == 0)
            flush_folder(folder);
        else
            (void)g_unlink(temporary);
    }
    g_free(temporary);
    g_free(base);
    g_free(folder);
    return number == 0 || fail(error, path, number < 0 ? 0 : number);
}
