/* The way of a file through LibRaw and cfitsio into a FITS in memory, for `tools/bench rivals`.
 *
 * What is called in which order is what indi_gphoto_ccd calls (indi-gphoto/gphoto_readimage.cpp; libindi's
 * indiccd.cpp): the file from disk, unpack, with "raw2image" also LibRaw's own four-value image, which nobody reads,
 * the visible rows into a buffer, a FITS of unsigned 16-bit values in memory. All that is left out are its header's
 * cards. For each line on standard input one round: a line with its seconds, on the wall and of the processor.
 * "write PATH" writes the last FITS. */

#include <fitsio.h>
#include <libraw/libraw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct fits {
    void *bytes;
    size_t size;
    long width, height;
};

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int pack(struct fits *made, unsigned short *rows)
{
    fitsfile *file;
    long axes[2] = {made->width, made->height};
    int status = 0;

    made->size = 2880;
    made->bytes = malloc(made->size);
    fits_create_memfile(&file, &made->bytes, &made->size, 2880, realloc, &status);
    fits_create_img(file, USHORT_IMG, 2, axes, &status);
    fits_write_img(file, TUSHORT, 1, made->width * made->height, rows, &status);
    fits_close_file(file, &status);
    return status;
}

static int develop(const char *path, int raw2image, struct fits *made)
{
    libraw_data_t *raw = libraw_init(0);
    unsigned short *rows, *from;
    int status = libraw_open_file(raw, path), row;

    if (!status)
        status = libraw_unpack(raw);
    if (!status && raw2image)
        status = libraw_raw2image(raw);
    if (status || !raw->rawdata.raw_image) {
        fprintf(stderr, "LibRaw: %s\n", libraw_strerror(status));
        libraw_close(raw);
        return 1;
    }
    made->width = raw->rawdata.sizes.width;
    made->height = raw->rawdata.sizes.height;
    rows = malloc(2 * made->width * made->height);
    from = raw->rawdata.raw_image + raw->rawdata.sizes.raw_width * raw->sizes.top_margin + raw->sizes.left_margin;
    for (row = 0; row < made->height; row++)
        memcpy(rows + row * made->width, from + row * raw->rawdata.sizes.raw_width, 2 * made->width);
    libraw_close(raw);
    status = pack(made, rows);
    free(rows);
    return status;
}

static int write_out(const char *path, const struct fits *made)
{
    FILE *file = fopen(path, "wb");
    int whole = file && fwrite(made->bytes, 1, made->size, file) == made->size;

    return (file && fclose(file)) || !whole;
}

int main(int count, char **words)
{
    struct fits made = {0};
    char line[4096];
    double began, used;

    if (count < 2)
        return 2;
    printf("LibRaw %s\n", libraw_version());
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "write ", 6)) {
            if (write_out(line + 6, &made))
                return 1;
            puts("written");
        } else {
            free(made.bytes);
            made.bytes = NULL;
            began = now(CLOCK_MONOTONIC);
            used = now(CLOCK_PROCESS_CPUTIME_ID);
            if (develop(words[1], count > 2, &made))
                return 1;
            printf("%.6f %.6f\n", now(CLOCK_MONOTONIC) - began, now(CLOCK_PROCESS_CPUTIME_ID) - used);
        }
        fflush(stdout);
    }
    return 0;
}
