#include "sim/scenario/text.h"

#include <glib.h>

void sim_text_wrap(FILE *out, const char *text, int indent, int width) {
    char **words = g_strsplit(text, " ", -1);
    int column = 0;
    for (char **word = words; *word; word++) {
        int length = (int)g_utf8_strlen(*word, -1);
        if (column == 0 || column + 1 + length > width) {
            fprintf(out, "%s%*s%s", column ? "\n" : "", indent, "", *word);
            column = indent + length;
        } else {
            fprintf(out, " %s", *word);
            column += 1 + length;
        }
    }
    fprintf(out, "\n");
    g_strfreev(words);
}
