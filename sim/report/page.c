/* page.c: see page.h. */
#include "sim/report/page.h"

#include <string.h>

enum { WIDTH = 80 };

/* Valid UTF-8 or ASCII, without control characters. */
static char *clean(const SimPage *page, const char *text) {
    char *valid = g_utf8_make_valid(text, -1);
    if (!page->utf8) {
        char *ascii = g_str_to_ascii(valid, "C");
        g_free(valid);
        valid = ascii;
    }
    GString *kept = g_string_new(NULL);
    for (const char *c = valid; *c != 0; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        g_string_append_unichar(kept, g_unichar_iscntrl(letter) ? ' ' : letter);
    }
    g_free(valid);
    return g_string_free(kept, FALSE);
}

static char *shorten(const SimPage *page, const char *text, int width, bool middle) {
    char *whole = clean(page, text);
    long length = g_utf8_strlen(whole, -1);
    if (length <= width) return whole;
    const char *mark = page->utf8 ? "\u2026" : "..";
    long room = width - g_utf8_strlen(mark, -1), tail = middle ? room / 2 : 0;
    if (room < 0) room = tail = 0;
    char *head = g_utf8_substring(whole, 0, room - tail);
    char *end = g_utf8_substring(whole, length - tail, length);
    char *fitted = g_strconcat(head, mark, end, NULL);
    g_free(head);
    g_free(end);
    g_free(whole);
    return fitted;
}

char *sim_page_fit(const SimPage *page, const char *text, int width) {
    return shorten(page, text, width, true);
}

char *sim_page_cut(const SimPage *page, const char *text, int width) {
    return shorten(page, text, width, false);
}

void sim_page_ink(const SimPage *page, SimInk ink, const char *text) {
    static const char *const code[] = {"",         "\033[1m",  "\033[2m",
                                       "\033[32m", "\033[31m", "\033[33m"};
    bool inked = page->colour && ink != SIM_PLAIN;
    fprintf(page->out, "%s%s%s", inked ? code[ink] : "", text, inked ? "\033[0m" : "");
}

void sim_page_cell(const SimPage *page, SimInk ink, const char *text, int width) {
    int size = width < 0 ? -width : width;
    char *fitted = sim_page_fit(page, text, size);
    int pad = size - (int)g_utf8_strlen(fitted, -1);
    fprintf(page->out, "%*s", width < 0 ? pad : 0, "");
    sim_page_ink(page, ink, fitted);
    fprintf(page->out, "%*s", width < 0 ? 0 : pad, "");
    g_free(fitted);
}

void sim_page_wrap(const SimPage *page, const char *text, int column, int indent) {
    char *whole = clean(page, text);
    char **words = g_strsplit_set(whole, " ", -1);
    bool fresh = true; /* nothing of ours on the line yet */
    for (char **word = words; *word != NULL; word++) {
        if (**word == 0) continue;
        char *fitted = sim_page_fit(page, *word, WIDTH - indent);
        int length = (int)g_utf8_strlen(fitted, -1);
        if (column + !fresh + length > WIDTH && column > indent) {
            fprintf(page->out, "\n%*s", indent, "");
            column = indent;
            fresh = true;
        }
        fprintf(page->out, "%s%s", fresh ? "" : " ", fitted);
        column += !fresh + length;
        fresh = false;
        g_free(fitted);
    }
    fputc('\n', page->out);
    g_strfreev(words);
    g_free(whole);
}

void sim_page_heading(const SimPage *page, const char *text) {
    fputc('\n', page->out);
    sim_page_ink(page, SIM_BOLD, text);
    fputc('\n', page->out);
}
