/* JSON Schema from the parameter tables. */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/check.h"
#include "sim/scenario/explain.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/units.h"

/* ---- JSON ---- */

typedef struct Json {
    GString *out;
    int depth;
    bool first;
} Json;

static void json_text(Json *j, const char *text) {
    g_string_append_c(j->out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            g_string_append_printf(j->out, "\\%c", c);
        else if (c < 0x20)
            g_string_append_printf(j->out, "\\u%04x", c);
        else
            g_string_append_c(j->out, (char)c);
    }
    g_string_append_c(j->out, '"');
}

static void json_next(Json *j) {
    g_string_append_printf(j->out, "%s\n%*s", j->first ? "" : ",", 2 * j->depth, "");
    j->first = false;
}

static void json_key(Json *j, const char *key) {
    json_next(j);
    json_text(j, key);
    g_string_append(j->out, ": ");
}

static void json_open(Json *j, char bracket) {
    g_string_append_c(j->out, bracket);
    j->depth++;
    j->first = true;
}

static void json_close(Json *j, char bracket) {
    j->depth--;
    if (!j->first) g_string_append_printf(j->out, "\n%*s", 2 * j->depth, "");
    g_string_append_c(j->out, bracket);
    j->first = false;
}

static void json_member(Json *j, const char *key, const char *text) {
    json_key(j, key);
    json_text(j, text);
}

static void json_raw(Json *j, const char *key, const char *raw) {
    json_key(j, key);
    g_string_append(j->out, raw);
}

/* ---- one value ---- */

static void count_bounds(Json *j, const SimParam *param) {
    const char *min = param->min ? param->min : "0";
    json_raw(j, "minimum", min);
    if (param->max) json_raw(j, "maximum", param->max);
}

static void put_choices(Json *j, const char *choices) {
    char **words = g_strsplit(choices, "|", -1);
    json_key(j, "enum");
    json_open(j, '[');
    for (char **word = words; *word; word++) {
        json_next(j);
        json_text(j, *word);
    }
    json_close(j, ']');
    g_strfreev(words);
}

/* The members that describe one scalar; the braces are the caller's. */
static void put_scalar(Json *j, const SimParam *param) {
    switch (param->type) {
    case SIM_BOOL:
        json_member(j, "type", "boolean");
        break;
    case SIM_COUNT:
        json_member(j, "type", "integer");
        count_bounds(j, param);
        break;
    case SIM_CHANCE:
        json_raw(j, "type", "[\"number\", \"string\"]");
        json_member(j, "pattern", sim_type_pattern(param->type));
        break;
    case SIM_CHOICE:
        put_choices(j, param->choices);
        break;
    case SIM_TEXT:
    case SIM_REF:
        json_member(j, "type", "string");
        json_raw(j, "minLength", "1");
        break;
    default:
        json_member(j, "type", "string");
        json_member(j, "pattern", sim_type_pattern(param->type));
    }
}

static void put_doc(Json *j, const SimParam *param) {
    GString *doc = g_string_new(param->doc);
    if (param->min && param->type != SIM_COUNT)
        g_string_append_printf(doc, " At least %s.", param->min);
    if (param->max && param->type != SIM_COUNT)
        g_string_append_printf(doc, " At most %s.", param->max);
    if (param->ref) g_string_append_printf(doc, " Refers to: %s.", param->ref);
    if (param->required) g_string_append(doc, " Required.");
    json_member(j, "description", doc->str);
    g_string_free(doc, TRUE);
    if (!param->def || param->shape != SIM_SCALAR) return;
    bool raw = param->type == SIM_COUNT || param->type == SIM_BOOL;
    if (raw)
        json_raw(j, "default", param->def);
    else
        json_member(j, "default", param->def);
}

static void put_map(Json *j, const SimParam *params, int extras, const char *name_required);

static void put_param(Json *j, const SimParam *param) {
    int extras = param->part ? SIM_EXTRA_PART : 0;
    json_open(j, '{');
    if (param->doc) put_doc(j, param);
    switch (param->shape) {
    case SIM_SCALAR:
        put_scalar(j, param);
        break;
    case SIM_LIST: /* or one plain value, which stands for a list of one */
        json_key(j, "anyOf");
        json_open(j, '[');
        json_next(j);
        json_open(j, '{');
        json_member(j, "type", "array");
        json_raw(j, "minItems", "1");
        json_key(j, "items");
        json_open(j, '{');
        put_scalar(j, param);
        json_close(j, '}');
        json_close(j, '}');
        json_next(j);
        json_open(j, '{');
        put_scalar(j, param);
        json_close(j, '}');
        json_close(j, ']');
        break;
    case SIM_GROUP:
        put_map(j, param->fields, extras, NULL);
        break;
    case SIM_GROUPS:
        json_member(j, "type", "array");
        json_raw(j, "minItems", "1");
        json_key(j, "items");
        json_open(j, '{');
        put_map(j, param->fields, extras, NULL);
        json_close(j, '}');
        break;
    }
    json_close(j, '}');
}

/* ---- mappings ---- */

static const SimParam extra_params[] = {
    {.key = "name", .type = SIM_NAME, .doc = "Name of the item; with count, of all of them."},
    {.key = "count", .type = SIM_COUNT, .min = "1", .doc = "How many of this item there are."},
    {.key = "use", .type = SIM_TEXT, .doc = "Name of a template."},
    {.key = "part", .type = SIM_TEXT, .doc = "Name of a part of the catalog."}};

static void put_extras(Json *j, const SimParam *params, int extras) {
    static const int bits[] = {SIM_EXTRA_NAME, SIM_EXTRA_COUNT, SIM_EXTRA_USE, SIM_EXTRA_PART};
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        if (!(extras & bits[i]) || sim_param_find(params, extra_params[i].key)) continue;
        json_key(j, extra_params[i].key);
        put_param(j, &extra_params[i]);
    }
}

/* Not two variants at once; that there is one may come from defaults or a template. */
static void put_variants(Json *j, const SimParam *params) {
    uint32_t n = 0;
    for (const SimParam *param = params; param && param->key; param++)
        n += param->variant;
    if (!n) return;
    json_key(j, "oneOf");
    json_open(j, '[');
    for (const SimParam *param = params; param->key; param++) {
        if (!param->variant) continue;
        json_next(j);
        g_string_append_printf(j->out, "{\"required\": [\"%s\"]}", param->key);
    }
    json_next(j);
    g_string_append(j->out, "{\"not\": {\"anyOf\": [");
    const char *comma = "";
    for (const SimParam *param = params; param->key; param++) {
        if (!param->variant) continue;
        g_string_append_printf(j->out, "%s{\"required\": [\"%s\"]}", comma, param->key);
        comma = ", ";
    }
    g_string_append(j->out, "]}}");
    json_close(j, ']');
}

static void put_map(Json *j, const SimParam *params, int extras, const char *required) {
    json_member(j, "type", "object");
    json_raw(j, "additionalProperties", "false");
    if (required) json_raw(j, "required", required);
    put_variants(j, params);
    json_key(j, "properties");
    json_open(j, '{');
    put_extras(j, params, extras);
    for (const SimParam *param = params; param && param->key; param++) {
        json_key(j, param->key);
        put_param(j, param);
    }
    json_close(j, '}');
}

/* ---- sections ---- */

static void put_kind_definitions(Json *j, const SimKind *kind) {
    int part = kind->part ? SIM_EXTRA_PART : 0;
    int item = kind->map ? SIM_EXTRA_USE : SIM_EXTRA_NAME | SIM_EXTRA_COUNT | SIM_EXTRA_USE;
    bool name = !kind->map && !kind->auto_name;
    char *key = g_strconcat(kind->kind, "-values", NULL);
    json_key(j, kind->kind);
    json_open(j, '{');
    put_map(j, kind->params, item | part, name ? "[\"name\"]" : NULL);
    json_close(j, '}');
    json_key(j, key);
    json_open(j, '{');
    put_map(j, kind->params, SIM_EXTRA_USE | part, NULL);
    json_close(j, '}');
    g_free(key);
}

static void put_ref(Json *j, const char *kind, const char *suffix) {
    g_string_append_printf(j->out, "{\"$ref\": \"#/definitions/%s%s\"}", kind, suffix);
}

static void put_section(Json *j, const SimKind *kind) {
    json_key(j, kind->section);
    json_open(j, '{');
    json_member(j, "description", kind->doc ? kind->doc : "");
    if (kind->map) {
        json_member(j, "type", "object");
        json_raw(j, "minProperties", "1");
        json_key(j, "additionalProperties");
    } else {
        json_member(j, "type", "array");
        json_raw(j, "minItems", "1");
        json_key(j, "items");
    }
    put_ref(j, kind->kind, "");
    json_close(j, '}');
}

typedef void (*KindFunction)(Json *j, const SimKind *kind);

static void each_kind(Json *j, KindFunction function) {
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++)
            function(j, kind);
}

static void put_default(Json *j, const SimKind *kind) {
    json_key(j, kind->section);
    put_ref(j, kind->kind, "-values");
}

static void put_template(Json *j, const SimKind *kind) {
    json_next(j);
    put_ref(j, kind->kind, "-values");
}

static void put_own_keys(Json *j) {
    static const char lines[] = "{\"type\": \"array\", \"minItems\": 1, \"items\": "
                                "{\"type\": \"string\", \"minLength\": 1}}";
    json_key(j, "defaults");
    json_open(j, '{');
    json_member(j, "description", "Values for all items of a section.");
    json_member(j, "type", "object");
    json_raw(j, "additionalProperties", "false");
    json_key(j, "properties");
    json_open(j, '{');
    each_kind(j, put_default);
    json_close(j, '}');
    json_close(j, '}');
    json_key(j, "templates");
    json_open(j, '{');
    json_member(j, "description", "Named sets of values that items take with use:.");
    json_member(j, "type", "object");
    json_key(j, "additionalProperties");
    json_open(j, '{');
    json_key(j, "anyOf");
    json_open(j, '[');
    each_kind(j, put_template);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    json_key(j, "expect");
    json_open(j, '{');
    json_member(j, "description", "Expectations, by window or for the whole run.");
    json_key(j, "anyOf");
    g_string_append_printf(j->out, "[%s, {\"type\": \"object\", \"additionalProperties\": %s}]",
                           lines, lines);
    json_close(j, '}');
}

static void put_required_header(Json *j) {
    const char *comma = "";
    json_key(j, "required");
    g_string_append_c(j->out, '[');
    for (const SimParam *param = sim_header_params; param->key; param++) {
        if (!param->required) continue;
        g_string_append_printf(j->out, "%s\"%s\"", comma, param->key);
        comma = ", ";
    }
    g_string_append_c(j->out, ']');
}

void sim_schema_write(FILE *out) {
    Json j = {.out = g_string_new(NULL)};
    json_open(&j, '{');
    json_member(&j, "$schema", "http://json-schema.org/draft-07/schema#");
    json_member(&j, "title", "rackcast scenario");
    json_member(&j, "type", "object");
    json_raw(&j, "additionalProperties", "false");
    put_required_header(&j);
    json_raw(&j, "patternProperties", "{\"^x-\": {}}");
    json_key(&j, "properties");
    json_open(&j, '{');
    for (const SimParam *param = sim_header_params; param->key; param++) {
        SimParam row = *param;
        if (strcmp(param->key, "schema") == 0) row.min = row.max = "1";
        if (strcmp(param->key, "fidelity") == 0) row.choices = "packet";
        json_key(&j, param->key);
        put_param(&j, &row);
    }
    each_kind(&j, put_section);
    put_own_keys(&j);
    json_close(&j, '}');
    json_key(&j, "definitions");
    json_open(&j, '{');
    each_kind(&j, put_kind_definitions);
    json_close(&j, '}');
    json_close(&j, '}');
    g_string_append_c(j.out, '\n');
    fwrite(j.out->str, 1, j.out->len, out);
    g_string_free(j.out, TRUE);
}
