#define _GNU_SOURCE
#include "spec_args.h"

#include <string.h>

static const struct preset {
    const char *name;
    double dedup, compress;
} presets[] = {
    { "database", 4, 2 },
    { "logs", 2, 8 },
    { "vm-image", 8, 4 },
};

static int set_field(void *settings, const char *name, const char *value, const char **why)
{
    struct spec_args *const args = settings;

    args->any = true;
    args->seed |= strcmp(name, "seed") == 0;
    args->dedup |= strcmp(name, "dedup") == 0;
    args->compress |= strcmp(name, "compress") == 0;
    args->generation |= strcmp(name, "generation") == 0;
    args->others |= strcmp(name, "generation") != 0;
    return fodder_spec_set(&args->spec, name, value, why) < 0 ? -1 : 0;
}

static int set_spec(void *settings, const char *name, const char *value, const char **why)
{
    struct spec_args *const args = settings;
    (void)name;

    args->whole = true;
    return fodder_spec_parse(&args->spec, value, why) < 0 ? -1 : 0;
}

static int set_preset(void *settings, const char *name, const char *value, const char **why)
{
    struct spec_args *const args = settings;
    (void)name;

    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        if (strcmp(presets[i].name, value) == 0) {
            args->preset = &presets[i];
            return 0;
        }
    }
    *why = "the presets are database, logs and vm-image";
    return -1;
}

/* clang-format off */
const struct option_row spec_rows_cli[] = {
    { .name = "dedup", .value = "RATIO", .kind = OPTION_OTHER, .set = set_field,
      .help = "bytes / distinct bytes: 1 (default) to 1000000, such as 1.5" },
    { .name = "compress", .value = "RATIO", .kind = OPTION_OTHER, .set = set_field,
      .help = "bytes / compressed bytes: 1 (default) to 32; above 8 name the codec" },
    { .name = "unit", .value = "SIZE", .kind = OPTION_OTHER, .set = set_field,
      .help = "a duplicate is a whole unit: a power of two, 4KiB to 64MiB, default 1MiB" },
    { .name = "window", .value = "N", .kind = OPTION_OTHER, .set = set_field,
      .help = "units among which a duplicate finds its original, default 1024" },
    { .name = "codec", .value = "NAME", .words = "balanced lz4 zstd deflate", .kind = OPTION_OTHER, .set = set_field,
      .help = "compress as asked by balanced (default: all of them), lz4, zstd or deflate" },
    { .name = "seed", .value = "N", .kind = OPTION_OTHER, .set = set_field,
      .help = "which data set; without one a fresh seed is drawn and told" },
    { .name = "series", .value = "N", .kind = OPTION_OTHER, .set = set_field,
      .help = "separates data sets of one seed: rank, run, host" },
    { .name = "generation", .value = "N", .kind = OPTION_OTHER, .set = set_field,
      .help = "the version of overwritten data, 0 (default) to 1048575" },
    { .name = "preset", .value = "NAME", .words = "database logs vm-image", .kind = OPTION_OTHER, .set = set_preset,
      .help = "the ratios of database (4/2), logs (2/8) or vm-image (8/4), dedup/compress" },
    { .name = "spec", .value = "TEXT", .kind = OPTION_OTHER, .set = set_spec,
      .help = "all of these at once, as fodder prints it: fodder1:seed=42,dedup=2" },
    { 0 },
};
/* clang-format on */

static enum exit_code draw_seed(uint64_t *seed)
{
    const int r = fodder_fresh_seed(seed);

    if (r < 0)
        return fail(EXIT_FAILED, "no random seed from the system: %s; name one with --seed", fodder_strerror(r));
    return EXIT_FINE;
}

bool spec_args_given(const struct spec_args *args)
{
    return args->any || args->whole || args->preset;
}

enum exit_code spec_args_finish(struct spec_args *args, bool fresh_seed)
{
    if (args->whole && (args->any || args->preset))
        return fail(EXIT_USAGE,
                    "--spec says all that the bytes are: leave out the other options of the data, or --spec");
    if (args->preset && !args->dedup)
        args->spec.dedup = args->preset->dedup;
    if (args->preset && !args->compress)
        args->spec.compress = args->preset->compress;
    if (args->whole || args->seed)
        return EXIT_FINE;
    if (!fresh_seed)
        return fail(EXIT_USAGE, "which data? Name them with --spec, with --seed and the ratios, or with --manifest");
    return draw_seed(&args->spec.seed);
}
