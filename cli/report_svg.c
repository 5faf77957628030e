#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "text.h"

/* Pixels. Up to MANY bars are of ROW each, with a name and a rate; more share the height, of one pixel each where they
 * fit. */
enum {
    WIDTH = 960,
    LEFT = 190,
    RIGHT = 90,
    TOP = 96,
    BELOW = 48,
    ROW = 20,
    MANY = 38,
    TALLEST = 1000,
    PLOT = WIDTH - LEFT - RIGHT
};

struct chart {
    const struct report *report;
    FILE *file;
    double height, row; /* of the bars, of each */
    double seconds;     /* from the left to the right */
};

static struct chart chart_of(const struct report *report, FILE *file)
{
    const double count = (double)report->count, least = ROW * MANY;
    struct chart chart = { report, file, ROW * count, ROW, report->ended - report->began };

    if (report->count > MANY) {
        chart.height = count < least ? least : count < TALLEST ? count : TALLEST;
        chart.row = chart.height / count;
    }
    if (chart.seconds < 1e-6)
        chart.seconds = 1e-6;
    return chart;
}

/* 1, 2 or 5 times a power of ten, `least` or more. */
static double round_step(double least)
{
    const double power = pow(10, floor(log10(least))), share = least / power;

    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

/* Text of others: a host's name, a path. */
static void put_text(FILE *file, const char *text, size_t most)
{
    const size_t length = strlen(text);

    for (size_t i = 0; i < length && i < most; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(file, "&#%d;", c);
        else
            fputc(c < ' ' || c >= 0x7f ? '?' : c, file);
    }
    if (length > most)
        fputs("...", file);
}

/* Orange at half of the median rate and below, dark blue at one and a half times and above: where all are alike, all
 * look alike. */
static void put_colour(const struct chart *c, double rate)
{
    static const int stops[3][3] = { { 217, 95, 14 }, { 120, 170, 210 }, { 20, 75, 130 } };
    const double ratio = c->report->median > 0 ? 2 * rate / c->report->median - 1 : 1;
    const double at = ratio < 0 ? 0 : ratio > 2 ? 2 : ratio;
    const int low = at < 1 ? 0 : 1;

    fputc('#', c->file);
    for (int i = 0; i < 3; i++)
        fprintf(c->file, "%02x", (unsigned)lround(stops[low][i] + (at - low) * (stops[low + 1][i] - stops[low][i])));
}

static double x_of(const struct chart *c, double time)
{
    return LEFT + PLOT * (time - c->report->began) / c->seconds;
}

static void put_head(const struct chart *c)
{
    const struct report *const r = c->report;
    const double height = TOP + c->height + BELOW;

    fprintf(c->file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\" "
            "role=\"img\">\n<title>",
            WIDTH, height, WIDTH, height);
    report_headline(r, c->file);
    fprintf(c->file,
            "</title>\n<style>\n"
            "  text { fill: #1f2328; font: 12px system-ui, sans-serif }\n"
            "  .title { font-size: 14px; font-weight: 600 } .small { fill: #59636e; font-size: 11px }\n"
            "  .wrong { fill: #b42318; font-weight: 600 }\n"
            "  .grid { stroke: #e4e8ec } .end { text-anchor: end } .middle { text-anchor: middle }\n"
            "</style>\n<rect width=\"%d\" height=\"%.0f\" fill=\"#ffffff\"/>\n<text x=\"20\" y=\"28\" class=\"title\">",
            WIDTH, height);
    report_headline(r, c->file);
    fprintf(c->file, "</text>\n<text x=\"20\" y=\"48\">each: %s to %s, median %s; the starts lie within %s</text>\n",
            text_rate(r->slowest).text, text_rate(r->fastest).text, text_rate(r->median).text,
            text_time(r->last_start - r->began).text);
    fputs("<text x=\"20\" y=\"66\" class=\"small\">", c->file);
    put_text(c->file, r->spec, 110);
    fputs("</text>\n", c->file);
    if (!report_whole(r) || report_differs(r))
        fprintf(c->file,
                "<text x=\"20\" y=\"84\" class=\"wrong\">ranks missing %" PRIu64 ", twice %zu, incomplete %" PRIu64
                "; files that differ %" PRIu64 "</text>\n",
                r->missing_ranks, r->twice_count, r->incomplete, r->bad_files + r->strays);
}

/* What the colours mean. */
static void put_legend(const struct chart *c)
{
    static const char *const words[] = { "half the median rate, or less", "median", "1.5 times, or more" };
    static const int at[] = { WIDTH - RIGHT - 360, WIDTH - RIGHT - 180, WIDTH - RIGHT - 115 };

    for (int i = 0; i < 3; i++) {
        fprintf(c->file, "<rect x=\"%d\" y=\"76\" width=\"10\" height=\"10\" fill=\"", at[i]);
        put_colour(c, c->report->median * (1 + i) / 2);
        fprintf(c->file, "\"/>\n<text x=\"%d\" y=\"85\" class=\"small\">%s</text>\n", at[i] + 14, words[i]);
    }
}

static void put_axis(const struct chart *c)
{
    const double step = round_step(c->seconds / 8), below = TOP + c->height;

    for (int i = 0; i * step <= c->seconds * (1 + 1e-9); i++) {
        const double x = x_of(c, c->report->began + i * step);

        fprintf(c->file, "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%d\" y2=\"%.2f\" class=\"grid\"/>\n", x, x, TOP - 4,
                below + 4);
        fprintf(c->file, "<text x=\"%.2f\" y=\"%.2f\" class=\"small middle\">%.6g</text>\n", x, below + 18, i * step);
    }
    fprintf(c->file, "<text x=\"%d\" y=\"%.2f\" class=\"small middle\">seconds</text>\n", LEFT + PLOT / 2, below + 36);
}

static void put_bar(const struct chart *c, size_t i)
{
    const struct report_run *const run = &c->report->runs[i];
    const double width = PLOT * (run->ended - run->began) / c->seconds, gap = c->row >= 4 ? c->row / 5 : 0;
    const double height = c->row - gap > 1 ? c->row - gap : 1;

    fprintf(c->file, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"", x_of(c, run->began),
            TOP + c->row * (double)i + gap / 2, width > 1 ? width : 1, height);
    put_colour(c, run->rate);
    fputs("\"><title>", c->file);
    put_text(c->file, report_name(c->report, run).text, 80);
    fputs(" on ", c->file);
    put_text(c->file, run->host, 80);
    fprintf(c->file, ": %s, %s, from %.3f s to %.3f s</title></rect>\n", text_size((double)run->bytes).text,
            text_rate(run->rate).text, run->began - c->report->began, run->ended - c->report->began);
}

/* The name of a bar, and its rate where there is room for it. */
static void put_name(const struct chart *c, size_t i)
{
    const struct report_run *const run = &c->report->runs[i];
    const double y = TOP + c->row * ((double)i + 0.5) + 4;

    fprintf(c->file, "<text x=\"%d\" y=\"%.2f\" class=\"small end\">", LEFT - 8, y);
    put_text(c->file, report_name(c->report, run).text, 26);
    if (c->report->ranked && c->report->count <= MANY) {
        fputs(", ", c->file);
        put_text(c->file, run->host, 16);
    }
    fputs("</text>\n", c->file);
    if (c->report->count <= MANY)
        fprintf(c->file, "<text x=\"%d\" y=\"%.2f\" class=\"small\">%s</text>\n", WIDTH - RIGHT + 8, y,
                text_rate(run->rate).text);
}

bool report_svg(const void *report, FILE *file)
{
    const struct chart c = chart_of(report, file);
    const size_t named = c.row >= ROW ? 1 : (size_t)round_step(ROW / c.row);

    put_head(&c);
    put_legend(&c);
    put_axis(&c);
    for (size_t i = 0; i < c.report->count; i++)
        put_bar(&c, i);
    for (size_t i = 0; i < c.report->count; i += named)
        put_name(&c, i);
    fputs("</svg>\n", file);
    return fflush(file) == 0 && !ferror(file);
}
