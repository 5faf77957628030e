#include "dataset.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "text.h"

/* Says so where the set cannot hold the dedup ratio that was asked for, or holds it between whole files only. */
static void tell_dedup(const struct set *set)
{
    const double held = set_dedup(set), cut = 1 - (double)set->all.whole / (double)set->all.bytes;
    const bool small = set->sizes.rule == SIZES_FIXED && set->sizes.max < set->spec.unit;

    if (set->all.bytes == 0 || set->spec.dedup == 1)
        return;
    if (fabs(held / set->spec.dedup - 1) > 0.005)
        say("dedup %.7g was asked, this set holds about %.3f (units of %s: %" PRIu64
            "; %.3g %% of the bytes are in units that a "
            "file's end cuts)%s",
            set->spec.dedup, held, text_size((double)set->spec.unit).text, set->all.units, 100 * cut,
            set->spec.unit > 4096 ? "; for more choose a smaller --unit" : "");
    else if (small && set->sizes.max > 4096)
        say("files of %s are less than a unit of %s, so only whole files are duplicates; for duplicates in files "
            "choose a "
            "smaller --unit",
            text_size((double)set->sizes.max).text, text_size((double)set->spec.unit).text);
}

/* The command that makes the same set again. */
static void tell_again(const struct dataset *d)
{
    char size[SIZES_TEXT], per_dir[32] = "";

    sizes_print(size, &d->set.sizes);
    if (d->set.per_dir != SET_PER_DIR)
        snprintf(per_dir, sizeof per_dir, " --per-dir %" PRIu64, d->set.per_dir);
    say("again: fodder dataset %s --files %" PRIu64 " --size %s --spec %s%s%s%s%s", d->dir, d->set.files,
        d->set.sizes.rule == SIZES_HISTOGRAM && d->size ? d->size : size, d->set.text,
        strcmp(d->set.pattern, SET_NAMES) == 0 ? "" : " --names '",
        strcmp(d->set.pattern, SET_NAMES) == 0 ? "" : d->set.pattern, strcmp(d->set.pattern, SET_NAMES) == 0 ? "" : "'",
        per_dir);
}

void dataset_tell(const struct dataset *d, const struct dataset_result *result)
{
    const struct set *const set = &d->set;
    const double rate = (double)result->bytes / result->span.seconds;

    if (d->verbose)
        say("kernel %s, %u thread%s; %s (%" PRIu64 " bytes) in all, %" PRIu64 " units, %" PRIu64
            " distinct: dedup %.6g",
            fodder_plan_kernel(set->plan), d->maker.threads, d->maker.threads == 1 ? "" : "s",
            text_size((double)set->all.bytes).text, set->all.bytes, set->all.units, set->distinct, set_dedup(set));
    tell_dedup(set);
    if (d->resume)
        say("%" PRIu64 " files were settled", result->settled);
    say("%" PRIu64 " files were written, %s (%" PRIu64 " bytes), in %s: %.3g files/s, %s", result->written,
        text_size((double)result->bytes).text, result->bytes, text_time(result->span.seconds).text,
        (double)result->written / result->span.seconds, text_rate(rate).text);
    if (set->part_count == 0 && !d->only)
        tell_again(d);
}

enum exit_code dataset_tell_json(const struct dataset *d, const struct dataset_result *result)
{
    struct json *const object = set_json(&d->set, &d->maker);
    enum exit_code code = EXIT_FINE;

    json_whole(object, "written", result->written);
    json_whole(object, "settled", result->settled);
    json_whole(object, "written_bytes", result->bytes);
    span_json(result->span, "dataset", object);
    json_number(object, "files_per_second", (double)result->written / result->span.seconds);
    json_number(object, "bytes_per_second", (double)result->bytes / result->span.seconds);
    if (!json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s; the data are whole", strerror(errno));
    json_free(object);
    return code;
}
