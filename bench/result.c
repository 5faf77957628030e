#include "result.h"

#include <math.h>
#include <stdio.h>

#include <fodder/fodder.h>

#include "machine.h"

void result_head(void)
{
    puts("kernel    buffer   case                           GB/s  cycles/B   x memset (quartiles)    x plain fill "
         "(quartiles)");
}

void result_print(const struct result *r)
{
    printf("%-8s  %-8s %-28s %6.1f  ", r->kernel, r->size, r->name, r->rate.median / 1e9);
    if (isnan(r->cycles.median))
        printf("%8s", "-");
    else
        printf("%8.4f", r->cycles.median);
    printf("   %5.3f (%.3f-%.3f)   %5.3f (%.3f-%.3f)\n", r->to_memset.median, r->to_memset.low, r->to_memset.high,
           r->to_fill.median, r->to_fill.low, r->to_fill.high);
    fflush(stdout);
}

static void put_spread(struct json *object, const char *key, const struct spread *s)
{
    struct json *spread;

    if (!object || isnan(s->median))
        return;
    spread = json_new();
    json_number(spread, "low", s->low);
    json_number(spread, "median", s->median);
    json_number(spread, "high", s->high);
    json_child(object, key, spread);
}

void result_put(struct json *all, const struct result *r)
{
    struct json *const one = all ? json_new() : NULL;

    json_text(one, "kernel", r->kernel);
    json_text(one, "size", r->size);
    json_text(one, "case", r->name);
    put_spread(one, "bytes_per_second", &r->rate);
    put_spread(one, "cycles_per_byte", &r->cycles);
    put_spread(one, "to_memset", &r->to_memset);
    put_spread(one, "to_fill", &r->to_fill);
    json_append(all, "results", one);
}

struct json *results_new(void)
{
    struct json *const all = json_new();
    char model[128];

    machine_cpu_model(model, sizeof model, NULL);
    json_text(all, "version", fodder_version());
    json_text(all, "cpu", model);
    json_list(all, "results");
    return all;
}
