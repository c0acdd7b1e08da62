/* page.h: lines of at most 80 columns of plain text, for the writers of this folder.
 *
 * Columns are counted in characters. Text that is not ASCII is rewritten to ASCII unless the page
 * was opened for UTF-8; control characters become spaces. */
#ifndef SIM_REPORT_PAGE_H
#define SIM_REPORT_PAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef enum SimInk { SIM_PLAIN, SIM_BOLD, SIM_DIM, SIM_GOOD, SIM_BAD, SIM_WARN } SimInk;

typedef struct SimPage {
    FILE *out;
    bool colour, utf8;
} SimPage;

/* Text fit to print, in at most `width` columns: what is longer loses its middle ("node1..nvme").
 * g_free. */
char *sim_page_fit(const SimPage *page, const char *text, int width);
/* The same, but losing its end, for sentences. g_free. */
char *sim_page_cut(const SimPage *page, const char *text, int width);

/* Prints `text`, fitted and padded to `width` columns: left-aligned, or right where width < 0. */
void sim_page_cell(const SimPage *page, SimInk ink, const char *text, int width);
void sim_page_ink(const SimPage *page, SimInk ink, const char *text); /* as it is */

/* Words of `text` over as many lines as needed. The first line continues behind what was printed
 * (`column` columns); the others begin at `indent`. Ends the line. */
void sim_page_wrap(const SimPage *page, const char *text, int column, int indent);

/* An empty line and a heading. */
void sim_page_heading(const SimPage *page, const char *text);

#endif
