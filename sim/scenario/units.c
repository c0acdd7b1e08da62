#include "sim/scenario/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/base/assert.h"
#include "sim/scenario/suggest.h"

typedef unsigned __int128 Wide;

typedef struct Unit {
    const char *name;
    SimType type;
    int64_t size; /* in the smallest unit of the type */
} Unit;

#define K INT64_C(1000)
#define KI INT64_C(1024)

/* Within a type from small to large. */
static const Unit units[] = {
    {"ns", SIM_TIME, SIM_NS},
    {"us", SIM_TIME, SIM_US},
    {"ms", SIM_TIME, SIM_MS},
    {"s", SIM_TIME, SIM_S},
    {"min", SIM_TIME, SIM_MIN},
    {"h", SIM_TIME, SIM_H},
    {"d", SIM_TIME, SIM_DAY},
    {"bps", SIM_RATE, 1},
    {"kbps", SIM_RATE, K},
    {"Mbps", SIM_RATE, K *K},
    {"Gbps", SIM_RATE, K *K *K},
    {"B", SIM_SIZE, 1},
    {"kB", SIM_SIZE, K},
    {"KiB", SIM_SIZE, KI},
    {"MB", SIM_SIZE, K *K},
    {"MiB", SIM_SIZE, KI *KI},
    {"GB", SIM_SIZE, K *K *K},
    {"GiB", SIM_SIZE, KI *KI *KI},
    {"TB", SIM_SIZE, K *K *K *K},
    {"TiB", SIM_SIZE, KI *KI *KI *KI},
    {"B/s", SIM_SPEED, 1},
    {"kB/s", SIM_SPEED, K},
    {"KiB/s", SIM_SPEED, KI},
    {"MB/s", SIM_SPEED, K *K},
    {"MiB/s", SIM_SPEED, KI *KI},
    {"GB/s", SIM_SPEED, K *K *K},
    {"GiB/s", SIM_SPEED, KI *KI *KI},
    {"TB/s", SIM_SPEED, K *K *K *K},
    {"m", SIM_LENGTH, K},
    {"km", SIM_LENGTH, K *K},
    {"%", SIM_RATIO, 10000},
};

enum { N_UNITS = sizeof units / sizeof *units };

typedef struct TypeText {
    const char *name, *article, *allowed, *usual, *pattern;
} TypeText;

#define NUMBER "(0|[1-9][0-9]*)(\\.[0-9]+)?"

static const TypeText types[SIM_TYPES] = {
    [SIM_TEXT] = {"text", "a", "text", NULL, NULL},
    [SIM_NAME] = {"name", "a", "a name such as node or tor-a (a-z, 0-9, -)", NULL,
                  "^[a-z][a-z0-9-]*$"},
    [SIM_BOOL] = {"boolean", "a", "true or false", NULL, NULL},
    [SIM_COUNT] = {"count", "a", "a whole number such as 4", NULL, NULL},
    [SIM_TIME] = {"time", "a", "a time such as 150ms (ns, us, ms, s, min, h, d)", "s",
                  "^" NUMBER "(ns|us|ms|s|min|h|d)$"},
    [SIM_RATE] = {"rate", "a", "a rate such as 25Gbps (bps, kbps, Mbps, Gbps)", "Gbps",
                  "^" NUMBER "(bps|kbps|Mbps|Gbps)$"},
    [SIM_SIZE] = {"size", "a", "a size such as 4KiB (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)", "KiB",
                  "^" NUMBER "(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$"},
    [SIM_SPEED] = {"speed", "a",
                   "a speed such as 3.2GB/s (B/s, kB/s, MB/s, GB/s, TB/s, KiB/s, MiB/s, GiB/s)",
                   "GB/s", "^" NUMBER "(B/s|kB/s|MB/s|GB/s|TB/s|KiB/s|MiB/s|GiB/s)$"},
    [SIM_LENGTH] = {"length", "a", "a length such as 3m (m, km)", "m", "^" NUMBER "(m|km)$"},
    [SIM_RATIO] = {"ratio", "a", "a ratio such as 70%", "%", "^" NUMBER "%$"},
    [SIM_CHANCE] = {"probability", "a", "a probability such as 1e-12 or 0.001", NULL,
                    "^" NUMBER "(e-?[0-9]+)?$"},
    [SIM_CHOICE] = {"choice", "a", "one of the choices", NULL, NULL},
    [SIM_REF] = {"reference", "a", "the name of an item", NULL, NULL},
};

const char *sim_type_name(SimType type) {
    return types[type].name;
}

const char *sim_type_allowed(SimType type) {
    return types[type].allowed;
}

const char *sim_type_pattern(SimType type) {
    return types[type].pattern;
}

/* ---- the sentence of a refusal ---- */

enum { SHOWN = 40 };

typedef struct Shown {
    char text[SHOWN + 8];
} Shown;

/* At most SHOWN bytes of what was written, cut between characters. */
static Shown show(const char *text) {
    Shown shown;
    size_t n = strlen(text);
    if (n <= SHOWN) {
        memcpy(shown.text, text, n + 1);
        return shown;
    }
    n = SHOWN;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    memcpy(shown.text, text, n);
    memcpy(shown.text + n, "...", 4);
    return shown;
}

static bool refuse(SimValueError *error, const char *code, const char *allowed, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

static bool refuse(SimValueError *error, const char *code, const char *allowed, const char *format,
                   ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    error->code = code;
    error->meant[0] = 0;
    snprintf(error->allowed, sizeof error->allowed, "%s", allowed ? allowed : "");
    return false;
}

static void mean(SimValueError *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void mean(SimValueError *error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(error->meant, sizeof error->meant, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof error->meant) error->meant[0] = 0;
}

/* ---- numbers ---- */

/* digits * 10^-scale */
typedef struct Decimal {
    bool negative, leading_zero, exponent;
    Wide digits;
    int scale;
    const char *rest; /* what follows the number */
} Decimal;

enum { DIGITS_MOST = 30, EXPONENT_MOST = 60 };

static const char *scan_digits(const char *at, Decimal *d, int *n, bool fraction) {
    for (; isdigit((unsigned char)*at); at++) {
        if (d->digits || *at != '0') ++*n;
        if (*n <= DIGITS_MOST) {
            d->digits = d->digits * 10 + (Wide)(*at - '0');
            if (fraction) d->scale++;
        } else if (!fraction) {
            *n = DIGITS_MOST + 1;
        }
    }
    return at;
}

static const char *scan_exponent(const char *at, Decimal *d) {
    const char *start = at++;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+') at++;
    if (!isdigit((unsigned char)*at)) return start;
    int value = 0;
    for (; isdigit((unsigned char)*at); at++)
        if (value < 10000) value = value * 10 + (*at - '0');
    d->exponent = true;
    d->scale += negative ? value : -value;
    return at;
}

/* False where the text does not begin with a number, or it has more digits than we count. */
static bool scan(const char *text, Decimal *d, bool *too_long) {
    *d = (Decimal){0};
    *too_long = false;
    const char *at = text;
    if (*at == '-') {
        d->negative = true;
        at++;
    }
    if (!isdigit((unsigned char)*at)) return false;
    d->leading_zero = at[0] == '0' && isdigit((unsigned char)at[1]);
    int n = 0;
    at = scan_digits(at, d, &n, false);
    if (at[0] == '.' && isdigit((unsigned char)at[1])) at = scan_digits(at + 1, d, &n, true);
    *too_long = n > DIGITS_MOST;
    if (*at == 'e' || *at == 'E') at = scan_exponent(at, d);
    while (d->scale > 0 && d->digits % 10 == 0 && d->digits) {
        d->digits /= 10;
        d->scale--;
    }
    if (!d->digits) d->scale = 0;
    d->rest = at;
    return true;
}

typedef enum Fit { FITS, TOO_FINE, TOO_LARGE } Fit;

static bool times(Wide *value, Wide by) {
    return !__builtin_mul_overflow(*value, by, value);
}

/* digits * size * 10^-scale as a whole number. */
static Fit decimal_scale(const Decimal *d, int64_t size, int64_t *out) {
    Wide value = d->digits;
    if (!value) {
        *out = 0;
        return FITS;
    }
    if (d->scale > EXPONENT_MOST) return TOO_FINE;
    if (d->scale < -EXPONENT_MOST) return TOO_LARGE;
    /* Factors of ten in the unit first, so that nothing overflows on its way to a small value. */
    int scale = d->scale;
    for (; scale > 0 && size % 10 == 0; scale--)
        size /= 10;
    if (!times(&value, (Wide)size)) return TOO_LARGE;
    for (; scale > 0; scale--) {
        if (value % 10) return TOO_FINE;
        value /= 10;
    }
    for (; scale < 0; scale++)
        if (!times(&value, 10)) return TOO_LARGE;
    if (value > INT64_MAX) return TOO_LARGE;
    *out = d->negative ? -(int64_t)value : (int64_t)value;
    return FITS;
}

static void print_decimal(const Decimal *d, char *out, size_t size) {
    char digits[64];
    int n = 0, scale = d->scale;
    Wide value = d->digits;
    if (scale < -18 || scale > 40) {
        out[0] = 0;
        return;
    }
    for (; scale > 0 && value % 10 == 0; scale--)
        value /= 10;
    for (; scale < 0; scale++)
        if (!times(&value, 10)) {
            out[0] = 0;
            return;
        }
    do {
        digits[n++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value || n <= scale);
    size_t at = 0;
    if (d->negative && at + 1 < size) out[at++] = '-';
    while (n > 0 && at + 2 < size) {
        out[at++] = digits[--n];
        if (n == scale && n > 0) out[at++] = '.';
    }
    out[at] = 0;
}

static const Unit *unit_exact(const char *name) {
    for (int i = 0; i < N_UNITS; i++)
        if (strcmp(units[i].name, name) == 0) return &units[i];
    return NULL;
}

/* What a misspelt unit may mean, as a unit of the type. */
static const Unit *unit_alike(SimType type, const char *name) {
    static const struct {
        const char *written, *meant;
    } other[] = {{"sec", "s"},        {"secs", "s"},       {"second", "s"},    {"seconds", "s"},
                 {"m", "min"},        {"mins", "min"},     {"minutes", "min"}, {"hours", "h"},
                 {"hour", "h"},       {"hr", "h"},         {"day", "d"},       {"days", "d"},
                 {"\302\265s", "us"}, {"\316\274s", "us"}, {"G", "Gbps"},      {"M", "Mbps"},
                 {"k", "kbps"},       {"Gbit/s", "Gbps"},  {"Gb/s", "Gbps"},   {"Mbit/s", "Mbps"},
                 {"Mb/s", "Mbps"},    {"Gbit", "Gbps"},    {"Mbit", "Mbps"},   {"GbE", "Gbps"},
                 {"G", "GB"},         {"M", "MB"},         {"k", "kB"},        {"K", "KiB"},
                 {"T", "TB"},         {"Ki", "KiB"},       {"Mi", "MiB"},      {"Gi", "GiB"},
                 {"bytes", "B"},      {"GBps", "GB/s"},    {"MBps", "MB/s"},   {"GB", "GB/s"},
                 {"MB", "MB/s"},      {"percent", "%"},    {"meter", "m"},     {"metres", "m"},
                 {"KB", "kB"},        {"KB/s", "kB/s"}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        const Unit *unit = unit_exact(other[i].meant);
        if (unit->type == type && strcmp(other[i].written, name) == 0) return unit;
    }
    for (int i = 0; i < N_UNITS; i++)
        if (units[i].type == type && strcasecmp(units[i].name, name) == 0) return &units[i];
    return NULL;
}

/* The unit a bare number of the type most likely has: that of `like`, else the usual one. */
static const char *unit_usual(SimType type, const char *like) {
    Decimal d;
    bool too_long;
    if (like && scan(like, &d, &too_long) && *d.rest) return d.rest;
    return types[type].usual;
}

static bool refuse_unit(SimType type, const char *text, const char *number, const Decimal *d,
                        SimValueError *error) {
    const char *allowed = types[type].allowed;
    const Unit *unit = unit_exact(d->rest);
    const Unit *alike = unit_alike(type, d->rest);
    if (type == SIM_COUNT || type == SIM_CHANCE) {
        if (unit)
            refuse(error, "E105", allowed, "\"%s\" is a %s, but a %s belongs here", show(text).text,
                   types[unit->type].name, types[type].name);
        else
            refuse(error, "E106", allowed, "\"%s\" is not a plain number", show(text).text);
        char share[48] = "";
        Decimal hundredth = *d;
        hundredth.scale += 2;
        if (type == SIM_CHANCE && unit && unit->type == SIM_RATIO)
            print_decimal(&hundredth, share, sizeof share);
        mean(error, "%s", *share ? share : number);
        return false;
    }
    if (unit)
        refuse(error, "E105", allowed, "\"%s\" is a %s, but a %s belongs here", show(text).text,
               types[unit->type].name, types[type].name);
    else
        refuse(error, "E105", allowed, "\"%s\" has the unknown unit \"%s\"", show(text).text,
               show(d->rest).text);
    if (alike && *number) mean(error, "%s%s", number, alike->name);
    return false;
}

/* "0x10", "1_000", "1,000", "25 Gbps": said as what they are. True where it refused. */
static bool refuse_spelling(SimType type, const char *text, const Decimal *d,
                            SimValueError *error) {
    const char *allowed = types[type].allowed;
    const char *rest = d->rest;
    unsigned long long hex;
    int used = 0;
    if (d->leading_zero) {
        const char *digits = text + d->negative;
        while (digits[0] == '0' && isdigit((unsigned char)digits[1]))
            digits++;
        refuse(error, "E106", allowed, "\"%s\" begins with a zero, which some read as octal",
               show(text).text);
        mean(error, "%s%s", d->negative ? "-" : "", digits);
        return true;
    }
    if ((rest[0] == 'x' || rest[0] == 'X') && isxdigit((unsigned char)rest[1])) {
        refuse(error, "E106", allowed, "\"%s\" is hexadecimal; numbers are decimal here",
               show(text).text);
        if (strlen(rest) <= 9 && sscanf(rest + 1, "%llx%n", &hex, &used) == 1 && !rest[1 + used])
            mean(error, "%llu", hex);
        return true;
    }
    if ((rest[0] == '_' || rest[0] == ',' || rest[0] == '\'') && isdigit((unsigned char)rest[1])) {
        refuse(error, "E106", allowed, "\"%s\" has separators between its digits", show(text).text);
        char plain[64];
        size_t n = 0;
        for (const char *at = text; *at && n + 1 < sizeof plain; at++)
            if (*at != '_' && *at != ',' && *at != '\'') plain[n++] = *at;
        plain[n] = 0;
        if (strlen(text) < sizeof plain) mean(error, "%s", plain);
        return true;
    }
    if (rest[0] == ' ' && rest[1]) {
        refuse(error, "E106", allowed, "\"%s\" has a blank between number and unit",
               show(text).text);
        mean(error, "%.*s%s", (int)(rest - text), text, rest + strspn(rest, " "));
        return true;
    }
    return false;
}

static bool refuse_fit(SimType type, const char *text, Fit fit, SimValueError *error) {
    const char *allowed = types[type].allowed;
    Shown shown = show(text);
    if (fit == TOO_LARGE && type == SIM_TIME)
        return refuse(error, "E151", "at most 2.9 years (1067d)",
                      "\"%s\" is longer than the clock, which ends after 2.9 years", shown.text);
    if (fit == TOO_LARGE) return refuse(error, "E111", allowed, "\"%s\" is too large", shown.text);
    if (type == SIM_COUNT)
        return refuse(error, "E106", allowed, "\"%s\" is not a whole number", shown.text);
    if (type == SIM_TIME)
        return refuse(error, "E111", "multiples of 0.01ns",
                      "\"%s\" is finer than the clock, which ticks every 10 ps", shown.text);
    static const char *const finest[SIM_TYPES] = {
        [SIM_RATE] = "1bps",     [SIM_SIZE] = "1B",       [SIM_SPEED] = "1B/s",
        [SIM_LENGTH] = "0.001m", [SIM_RATIO] = "0.0001%", [SIM_CHANCE] = "1e-18"};
    return refuse(error, "E111", allowed, "\"%s\" is no whole multiple of %s", shown.text,
                  finest[type]);
}

static bool refuse_bare(SimType type, const char *text, const Decimal *d, const char *number,
                        const char *like, SimValueError *error) {
    refuse(error, "E104", types[type].allowed, "\"%s\" has no unit", show(text).text);
    Decimal share = *d;
    share.scale -= 2;
    char percent[48];
    print_decimal(&share, percent, sizeof percent);
    bool fraction = type == SIM_RATIO && d->scale > 0 && strncmp(number, "0.", 2) == 0;
    if (fraction && *percent)
        mean(error, "%s%%", percent); /* 0.7 is 70% */
    else if (*number)
        mean(error, "%s%s", number, unit_usual(type, like));
    return false;
}

static bool number_parse(SimType type, const char *text, const char *like, int64_t *out,
                         SimValueError *error) {
    Decimal d;
    bool too_long, bare = type == SIM_COUNT || type == SIM_CHANCE;
    if (!scan(text, &d, &too_long)) {
        refuse(error, "E106", types[type].allowed, "\"%s\" is not a %s", show(text).text,
               types[type].name);
        if (*text == '+' && scan(text + 1, &d, &too_long)) mean(error, "%s", text + 1);
        return false;
    }
    if (refuse_spelling(type, text, &d, error)) return false;
    char number[48];
    print_decimal(&d, number, sizeof number);
    if (d.exponent && type != SIM_CHANCE) {
        refuse(error, "E106", types[type].allowed,
               "\"%s\" has an exponent, which only probabilities take", show(text).text);
        if (*number && bare) mean(error, "%s", number);
        if (*number && !bare) mean(error, "%s%s", number, *d.rest ? d.rest : types[type].usual);
        return false;
    }
    if (bare && *d.rest) return refuse_unit(type, text, number, &d, error);
    if (!bare && !*d.rest) {
        if (d.digits == 0 && type == SIM_TIME) like = "0s";
        return refuse_bare(type, text, &d, number, like, error);
    }
    const Unit *unit = bare ? NULL : unit_exact(d.rest);
    if (!bare && (!unit || unit->type != type)) return refuse_unit(type, text, number, &d, error);
    if (too_long)
        return refuse(error, "E111", types[type].allowed, "\"%s\" has more than %d digits",
                      show(text).text, DIGITS_MOST);
    int64_t size = unit ? unit->size : type == SIM_CHANCE ? INT64_C(1000000000000000000) : 1;
    Fit fit = decimal_scale(&d, size, out);
    return fit == FITS || refuse_fit(type, text, fit, error);
}

bool sim_number_parse(SimType type, const char *text, int64_t *out, SimValueError *error) {
    return number_parse(type, text, NULL, out, error);
}

/* ---- other scalars ---- */

static bool bool_parse(const char *text, bool *out, SimValueError *error) {
    static const char *const yes[] = {"yes", "on", "true", "y", "1", "enabled"};
    static const char *const no[] = {"no", "off", "false", "n", "0", "disabled"};
    *out = strcmp(text, "true") == 0;
    if (*out || strcmp(text, "false") == 0) return true;
    refuse(error, "E109", "true or false", "\"%s\" is neither true nor false", show(text).text);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0) mean(error, "true");
        if (strcasecmp(text, no[i]) == 0) mean(error, "false");
    }
    return false;
}

static bool name_parse(const char *text, SimValueError *error) {
    bool good = *text >= 'a' && *text <= 'z';
    size_t n = strlen(text);
    for (size_t i = 0; good && i < n; i++)
        good =
            (text[i] >= 'a' && text[i] <= 'z') || isdigit((unsigned char)text[i]) || text[i] == '-';
    if (good && n <= 64) return true;
    if (good) return refuse(error, "E110", "at most 64 letters", "the name is too long");
    refuse(error, "E110", types[SIM_NAME].allowed, "\"%s\" is not a name", show(text).text);
    char fixed[64];
    size_t at = 0;
    for (size_t i = 0; i < n && n < sizeof fixed; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80) return false;
        if (isalnum(c))
            fixed[at++] = (char)tolower(c);
        else if (at && fixed[at - 1] != '-')
            fixed[at++] = '-';
    }
    while (at && fixed[at - 1] == '-')
        at--;
    fixed[at] = 0;
    if (at && isalpha((unsigned char)fixed[0])) mean(error, "%s", fixed);
    return false;
}

/* The i-th of "a|b|c", or NULL. */
static const char *choice_at(const char *choices, int i, char *out, size_t size) {
    for (; i > 0 && choices; i--) {
        choices = strchr(choices, '|');
        if (choices) choices++;
    }
    if (!choices) return NULL;
    snprintf(out, size, "%.*s", (int)strcspn(choices, "|"), choices);
    return out;
}

static bool choice_parse(const SimParam *param, const char *text, int *out, SimValueError *error) {
    char word[64], best[64] = "", allowed[240] = "";
    SimGuess guess;
    sim_guess_init(&guess, text, NULL);
    for (int i = 0; choice_at(param->choices, i, word, sizeof word); i++) {
        if (strcmp(word, text) == 0) {
            *out = i;
            return true;
        }
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "", word);
        int before = guess.distance;
        sim_guess_offer(&guess, word);
        if (guess.distance < before) memcpy(best, word, sizeof best);
    }
    refuse(error, "E108", allowed, "\"%s\" is not one of the choices", show(text).text);
    if (*best) mean(error, "%s", best);
    return false;
}

/* ---- bounds ---- */

static bool refuse_bounds(const SimParam *param, const char *text, SimValueError *error) {
    char allowed[200];
    if (param->min && param->max)
        snprintf(allowed, sizeof allowed, "%s to %s", param->min, param->max);
    else
        snprintf(allowed, sizeof allowed, "%s %s", param->min ? "at least" : "at most",
                 param->min ? param->min : param->max);
    return refuse(error, "E107", allowed, "\"%s\" is out of bounds", show(text).text);
}

static int64_t bound(const SimParam *param, const char *text) {
    int64_t value = 0;
    SimValueError error;
    bool good = sim_number_parse(param->type, text, &value, &error);
    SIM_CHECK(good && "a bound in a parameter table cannot be read");
    return value;
}

static bool integer_parse(const SimParam *param, const char *text, int64_t *out,
                          SimValueError *error) {
    if (!number_parse(param->type, text, param->def, out, error)) return false;
    if (*out < 0 && !(param->min && param->min[0] == '-')) {
        refuse(error, "E114", param->min ? "" : types[param->type].allowed, "\"%s\" is negative",
               show(text).text);
        if (param->min) snprintf(error->allowed, sizeof error->allowed, "at least %s", param->min);
        return false;
    }
    if (param->min && *out < bound(param, param->min)) return refuse_bounds(param, text, error);
    if (param->max && *out > bound(param, param->max)) return refuse_bounds(param, text, error);
    if (param->type == SIM_CHANCE && *out > INT64_C(1000000000000000000))
        return refuse(error, "E107", "0 to 1", "\"%s\" is more than certain", show(text).text);
    return true;
}

bool sim_value_parse(const SimParam *param, const char *text, SimParsed *out,
                     SimValueError *error) {
    *out = (SimParsed){0};
    switch (param->type) {
    case SIM_TEXT:
    case SIM_REF:
        out->text = text;
        return *text || refuse(error, "E103", types[param->type].allowed, "the text is empty");
    case SIM_NAME:
        out->text = text;
        return name_parse(text, error);
    case SIM_BOOL:
        return bool_parse(text, &out->truth, error);
    case SIM_CHOICE:
        return choice_parse(param, text, &out->choice, error);
    default:
        return integer_parse(param, text, &out->integer, error);
    }
}

/* ---- quantities of expectations ---- */

static int64_t gcd(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* The base unit of expectations as parts of the smallest one of the type, and back. */
static void base_unit(SimType type, int64_t *mul, int64_t *div, const char **name) {
    *mul = *div = 1;
    *name = "";
    if (type == SIM_TIME) {
        *div = SIM_NS;
        *name = "ns";
    } else if (type == SIM_SIZE) {
        *name = "bytes";
    } else if (type == SIM_RATE) {
        *name = "bps";
    } else if (type == SIM_SPEED) {
        *mul = 8;
        *name = "bps";
    } else if (type == SIM_RATIO) {
        *div = 1000000;
        *name = "ratio";
    } else if (type == SIM_LENGTH) {
        *div = 1000;
        *name = "m";
    }
}

/* num / 10^scale of a bare number, reduced. */
static Fit plain_fraction(const Decimal *d, int64_t *num, int64_t *den) {
    int64_t power = 1;
    int scale = d->scale;
    if (scale > 18) return TOO_FINE;
    for (; scale > 0; scale--)
        power *= 10;
    Decimal whole = *d;
    if (whole.scale > 0) whole.scale = 0;
    Fit fit = decimal_scale(&whole, 1, num);
    *den = power;
    return fit;
}

bool sim_quantity_parse(const char *text, int64_t *num, int64_t *den, const char **unit,
                        SimValueError *error) {
    static const char allowed[] = "a number such as 0, 250, 1ms, 4KiB, 25Gbps or 80%";
    Decimal d;
    bool too_long;
    if (!scan(text, &d, &too_long))
        return refuse(error, "E106", allowed, "\"%s\" is not a number", show(text).text);
    if (refuse_spelling(SIM_COUNT, text, &d, error)) return false;
    const Unit *known = *d.rest ? unit_exact(d.rest) : NULL;
    if (*d.rest && !known) {
        refuse(error, "E105", allowed, "\"%s\" has the unknown unit \"%s\"", show(text).text,
               show(d.rest).text);
        for (int i = 0; i < N_UNITS; i++)
            if (strcasecmp(units[i].name, d.rest) == 0 && !*error->meant)
                mean(error, "%.*s%s", (int)(d.rest - text), text, units[i].name);
        return false;
    }
    Fit fit;
    int64_t mul;
    if (known) {
        base_unit(known->type, &mul, den, unit);
        fit = decimal_scale(&d, known->size, num);
        if (fit == FITS && __builtin_mul_overflow(*num, mul, num)) fit = TOO_LARGE;
    } else {
        *unit = "";
        fit = plain_fraction(&d, num, den);
    }
    if (too_long || fit != FITS)
        return refuse(error, "E111", allowed, "\"%s\" is too %s", show(text).text,
                      fit == TOO_FINE ? "fine" : "large");
    int64_t common = gcd(*num, *den);
    *num /= common;
    *den /= common;
    return true;
}
