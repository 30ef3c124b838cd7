/* The pixels of Sony's three ways to store a mosaic, and nothing else: rows in, rows out, no allocation that stays.
 *
 * Rules kept here:
 *
 * - Whatever is not exactly what these lines know is refused with a status; the caller then asks LibRaw. So a value that
 *   comes from here is the value that LibRaw gives.
 * - No byte outside of what was handed over is read or written, whatever the bytes say.
 * - No Python in it: it is called without the interpreter's lock, and one file serves every Python.
 *
 * Values leave as they are, or as FITS wants them: big-endian, the highest bit turned over (BZERO 32768). The host is
 * little-endian; the loader looks.
 *
 * Sources: ITU-T T.81 (lossless process, Huffman coding); behaviour of LibRaw 0.22.2, measured; the fields of a lossy
 * block as RawSpeed's ArwDecoder has them.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DONE 0
#define UNKNOWN 1 /* a kind of data that is not known here */
#define BROKEN 2  /* the data end too soon or contradict themselves */
#define NO_MEMORY 3

#define BLOCK_BYTES 16
#define BLOCK_VALUES 16
#define LOSSY_COLUMNS 32
#define ZERO_STEP 128

#define TABLE_BITS 11
#define MOST_BITS 16
#define MOST_TABLES 4
#define CELL 4

#define EXPORT __attribute__((visibility("default")))

typedef uint16_t Lanes __attribute__((vector_size(16)));
typedef int16_t Signed __attribute__((vector_size(16)));
typedef uint64_t Pair __attribute__((vector_size(16)));

static uint64_t little64(const uint8_t *place)
{
    uint64_t word;
    memcpy(&word, place, 8);
    return word;
}

static void emit(const uint16_t *values, long count, int fits, uint16_t *out)
{
    if (!fits) {
        memcpy(out, values, 2 * (size_t)count);
        return;
    }
    for (long i = 0; i < count; i++)
        out[i] = (uint16_t)((values[i] << 8 | values[i] >> 8) ^ 0x0080);
}

/* Columns x and on of rows of `width` values, into rows of `out_width` values that stand `stride` values apart. */
EXPORT int indi_sony_plain(const uint8_t *data, long width, long rows, long x, long out_width, int fits,
                           uint16_t *out, long stride)
{
    for (long row = 0; row < rows; row++) {
        const uint8_t *line = data + 2 * (row * width + x);
        uint16_t *here = out + row * stride;
        if (!fits) {
            memcpy(here, line, 2 * (size_t)out_width);
            continue;
        }
        for (long i = 0; i < out_width; i++) {
            uint16_t value;
            memcpy(&value, line + 2 * i, 2);
            here[i] = (uint16_t)((value << 8 | value >> 8) ^ 0x0080);
        }
    }
    return DONE;
}

/* A gap of 7 bits at each place of 16, in two words of 8 deltas: what lies below stays, the rest moves up. */
#define WORD_BITS 56
#define WORD ((1ull << WORD_BITS) - 1)
#define BELOW(n) ((1ull << 7 * (n)) - 1)
static const uint64_t below[2][16] = {
    {BELOW(0), BELOW(1), BELOW(2), BELOW(3), BELOW(4), BELOW(5), BELOW(6), BELOW(7),
     WORD, WORD, WORD, WORD, WORD, WORD, WORD, WORD},
    {0, 0, 0, 0, 0, 0, 0, 0,
     BELOW(0), BELOW(1), BELOW(2), BELOW(3), BELOW(4), BELOW(5), BELOW(6), BELOW(7)},
};

static inline void open_gap(uint64_t words[2], unsigned place)
{
    uint64_t keep = below[0][place], keep_high = below[1][place];
    uint64_t over = (words[0] & ~keep) >> (WORD_BITS - 7);
    words[1] = (words[1] & keep_high) | (words[1] & ~keep_high) << 7 | over;
    words[0] = (words[0] & keep) | ((words[0] & ~keep) << 7 & WORD);
}

/* Eight deltas of 7 bits in lanes of 16. */
static inline Lanes spread(uint64_t word)
{
    Pair halves = {word & 0xfffffff, word >> 28};
    halves = (halves | halves << 18) & 0x00003fff00003fff;
    halves = (halves | halves << 9) & 0x007f007f007f007f;
    return (Lanes)halves;
}

static inline Lanes constant(uint16_t value)
{
    return (Lanes){0} + value;
}

static inline Lanes either(Lanes where, Lanes value, Lanes other)
{
    return (value & where) | (other & ~where);
}

static inline Lanes over(Lanes values, uint16_t knot)
{
    Lanes more = values - knot;
    return more & (Lanes)((Signed)more > 0);
}

/* What codes of 11 bits stand for: twice the code, and a steeper line above each knot. */
static inline Lanes on_curve(Lanes codes, const uint16_t *knots)
{
    Lanes double_code = codes + codes;
    return double_code + over(double_code, knots[0]) + (over(double_code, knots[1]) << 1) +
           (over(double_code, knots[2]) << 2) + (over(double_code, knots[3]) << 3);
}

/* A block whose two indexes are equal has 15 deltas: the last one lies in `next`, the byte behind it. */
static void odd_block(uint64_t low, uint64_t high, unsigned next, const uint16_t *knots, Lanes out[2])
{
    uint16_t codes[BLOCK_VALUES];
    unsigned most = low & 0x7ff, least = low >> 11 & 0x7ff, only = low >> 22 & 15;
    int shift = 0;
    while (shift < 4 && (0x80 << shift) <= (int)most - (int)least)
        shift++;
    for (unsigned i = 0, bit = 30; i < BLOCK_VALUES; i++) {
        if (i == only) {
            codes[i] = (uint16_t)most;
            continue;
        }
        uint64_t rest = bit < 64 ? low >> bit | high << (64 - bit) : bit < 128 ? high >> (bit - 64) : next;
        unsigned code = (unsigned)((rest & 0x7f) << shift) + least;
        codes[i] = (uint16_t)(code > 0x7ff ? 0x7ff : code);
        bit += 7;
    }
    memcpy(out, codes, sizeof codes);
    for (int half = 0; half < 2; half++)
        out[half] = on_curve(out[half], knots);
}

/* One block: every second of 32 columns. */
static inline void lossy_block(const uint8_t *block, unsigned next, const uint16_t *knots, Lanes out[2])
{
    static const Lanes places[2] = {{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14, 15}};
    uint64_t low = little64(block), high = little64(block + 8);
    int most = low & 0x7ff, least = low >> 11 & 0x7ff, span = most - least;
    unsigned at_most = low >> 22 & 15, at_least = low >> 26 & 15;
    if (at_most == at_least) {
        odd_block(low, high, next, knots, out);
        return;
    }
    int shift = (span >= 0x80) + (span >= 0x100) + (span >= 0x200) + (span >= 0x400);
    uint64_t words[2] = {(low >> 30 | high << 34) & WORD, high >> 22};
    open_gap(words, at_most < at_least ? at_most : at_least);
    open_gap(words, at_most < at_least ? at_least : at_most);
    for (int half = 0; half < 2; half++) {
        Lanes codes = (spread(words[half]) << shift) + (uint16_t)least;
        codes = either((Lanes)((Signed)codes < 0x7ff), codes, constant(0x7ff));
        codes = either(places[half] == (uint16_t)at_least, constant((uint16_t)least), codes);
        codes = either(places[half] == (uint16_t)at_most, constant((uint16_t)most), codes);
        out[half] = on_curve(codes, knots);
    }
}

/* Lossy rows of `width` bytes; `knots` are the four of the tone curve, in values. Columns without a block are 0. */
EXPORT int indi_sony_lossy(const uint8_t *data, long width, long rows, const uint16_t *knots, long x, long out_width,
                           int fits, uint16_t *out, long stride)
{
    long filled = width / LOSSY_COLUMNS * LOSSY_COLUMNS;
    uint16_t *line = calloc((size_t)width, 2);
    if (line == NULL)
        return NO_MEMORY;
    for (long row = 0; row < rows; row++) {
        const uint8_t *from = data + row * width;
        for (long column = 0; column < filled; column += LOSSY_COLUMNS) {
            const uint8_t *block = from + column;
            unsigned next = column + LOSSY_COLUMNS < width ? block[2 * BLOCK_BYTES] : 0;
            Lanes even[2], odd[2];
            lossy_block(block, block[BLOCK_BYTES], knots, even);
            lossy_block(block + BLOCK_BYTES, next, knots, odd);
            for (int half = 0; half < 2; half++) {
                Lanes low = __builtin_shuffle(even[half], odd[half], (Lanes){0, 8, 1, 9, 2, 10, 3, 11});
                Lanes high = __builtin_shuffle(even[half], odd[half], (Lanes){4, 12, 5, 13, 6, 14, 7, 15});
                memcpy(line + column + 16 * half, &low, sizeof low);
                memcpy(line + column + 16 * half + 8, &high, sizeof high);
            }
        }
        emit(line + x, out_width, fits, out + row * stride);
    }
    free(line);
    return DONE;
}

/* --- lossless JPEG ------------------------------------------------------------------------------------------------ */

typedef struct {
    int defined;
    int longest;
    uint16_t entry[1 << TABLE_BITS]; /* ENTRY of the code that the bits begin with; 0: a longer code, or none */
    uint32_t end[MOST_BITS + 1];    /* codes of that length lie below this, as numbers of 16 bits */
    int32_t offset[MOST_BITS + 1];
    uint8_t symbols[256];
} Table;

/* Bits of a code with what follows it, and bits of what follows. */
#define ENTRY(total, extra) ((uint16_t)((total) | (extra) << 8))

typedef struct {
    int bits, width, height, parts;
    uint8_t names[CELL];
    const Table *tables[CELL];
} Head;

/* Where the values of a tile go: its columns x and on, its rows y and on. */
typedef struct {
    long x, y, columns, rows;
    int fits;
    uint16_t *out;
    long stride;
} Part;

static unsigned big16(const uint8_t *place)
{
    return (unsigned)place[0] << 8 | place[1];
}

/* Tables of one DHT segment. */
static int read_tables(const uint8_t *place, const uint8_t *end, Table *tables)
{
    while (place < end) {
        if (end - place < 17 || place[0] >= MOST_TABLES)
            return UNKNOWN;
        Table *table = &tables[place[0]];
        const uint8_t *counts = place + 1;
        unsigned number = 0, code = 0;
        for (int length = 0; length < 16; length++)
            number += counts[length];
        if (number == 0 || number > 256 || end - place < 17 + (long)number)
            return BROKEN;
        memset(table, 0, sizeof *table);
        memcpy(table->symbols, place + 17, number);
        unsigned done = 0;
        for (int length = 1; length <= MOST_BITS; length++) {
            table->offset[length] = (int32_t)done - (int32_t)code;
            for (unsigned i = 0; i < counts[length - 1]; i++, code++, done++) {
                unsigned symbol = table->symbols[done];
                /* A difference of 16 bits has a rule of its own, which no camera needs. */
                if (symbol > 15)
                    return UNKNOWN;
                if (code >> length)
                    return BROKEN;
                if (length <= TABLE_BITS) {
                    unsigned room = 1u << (TABLE_BITS - length), from = code << (TABLE_BITS - length);
                    for (unsigned at = from; at < from + room; at++)
                        table->entry[at] = ENTRY((unsigned)length + symbol, symbol);
                }
                table->longest = length;
            }
            table->end[length] = code << (MOST_BITS - length);
            code <<= 1;
        }
        table->defined = 1;
        place += 17 + number;
    }
    return DONE;
}

/* The segments up to the scan; where the scan begins, or NULL with the reason in `status`. */
static const uint8_t *read_head(const uint8_t *place, const uint8_t *end, Table *tables, Head *head, int *status)
{
    *status = BROKEN;
    if (end - place < 4 || big16(place) != 0xffd8)
        return NULL;
    place += 2;
    head->parts = 0;
    for (;;) {
        if (end - place < 4 || place[0] != 0xff)
            return NULL;
        unsigned marker = place[1], length = big16(place + 2);
        const uint8_t *body = place + 4, *next = place + 2 + length;
        if (length < 2 || end - place < 2 + (long)length)
            return NULL;
        if (marker == 0xc4) {
            *status = read_tables(body, next, tables);
            if (*status != DONE)
                return NULL;
            *status = BROKEN;
        } else if (marker == 0xc3) {
            if (next - body != 6 + 3 * CELL || head->parts || body[5] != CELL) {
                *status = UNKNOWN;
                return NULL;
            }
            head->bits = body[0];
            head->height = (int)big16(body + 1);
            head->width = (int)big16(body + 3);
            head->parts = body[5];
            for (int part = 0; part < CELL; part++) {
                head->names[part] = body[6 + 3 * part];
                if (body[7 + 3 * part] != 0x11) {
                    *status = UNKNOWN;
                    return NULL;
                }
            }
        } else if (marker == 0xda) {
            *status = UNKNOWN;
            if (next - body != 4 + 2 * CELL || head->parts != CELL || body[0] != CELL)
                return NULL;
            const Table *nearest = NULL;
            for (int part = 0; part < CELL; part++) {
                unsigned chosen = body[2 + 2 * part] >> 4;
                if (body[1 + 2 * part] != head->names[part] || chosen >= MOST_TABLES || !tables[chosen].defined)
                    return NULL;
                head->tables[part] = &tables[chosen];
                /* LibRaw goes by the numbers of the tables alone; where that is another one, it shall decide. */
                if (tables[part].defined)
                    nearest = &tables[part];
                if (nearest != head->tables[part])
                    return NULL;
            }
            /* Each value foretold by the one at its left, nothing shifted. */
            if (body[1 + 2 * CELL] != 1 || body[2 + 2 * CELL] != 0 || body[3 + 2 * CELL] != 0)
                return NULL;
            return next;
        } else if (marker < 0xe0 || marker == 0xff) {
            *status = UNKNOWN;
            return NULL;
        }
        place = next;
    }
}

/* The scan without the zero behind each FF, up to the next marker: how many bytes. */
static size_t unstuffed(const uint8_t *place, const uint8_t *end, uint8_t *out)
{
    uint8_t *start = out;
    while (place < end) {
        const uint8_t *mark = memchr(place, 0xff, (size_t)(end - place));
        size_t length = (size_t)((mark == NULL ? end : mark) - place);
        memcpy(out, place, length);
        out += length;
        if (mark == NULL || mark + 1 == end || mark[1] != 0)
            break;
        *out++ = 0xff;
        place = mark + 2;
    }
    return (size_t)(out - start);
}

/* One tile on its way. `scan` has room behind its `size` bytes for a line of the longest codes. */
typedef struct {
    Head head;
    Table tables[MOST_TABLES];
    uint8_t *scan;
    size_t size;
    uint64_t place; /* in bits */
    int32_t value[CELL], column[CELL];
    uint32_t seen; /* all bits that values had */
} Stream;

static inline uint64_t bits_at(const Stream *stream)
{
    return __builtin_bswap64(little64(stream->scan + (stream->place >> 3))) << (stream->place & 7);
}

/* The entry of a code that the table has not. */
static __attribute__((noinline)) unsigned long_code(const Table *table, uint64_t bits)
{
    uint32_t head = (uint32_t)(bits >> 48);
    for (unsigned length = TABLE_BITS + 1; length <= (unsigned)table->longest; length++)
        if (head < table->end[length]) {
            unsigned symbol = table->symbols[(int32_t)(head >> (MOST_BITS - length)) + table->offset[length]];
            return ENTRY(length + symbol, symbol);
        }
    return 0;
}

/* The next difference goes to its value. `bits` stand at the place: 26 of them at least, so much as a code of the table
 * may have; a longer one reads anew. */
static inline void take(Stream *stream, int part, uint64_t *bits)
{
    const Table *table = stream->head.tables[part];
    unsigned entry = table->entry[*bits >> (64 - TABLE_BITS)];
    if (__builtin_expect(entry == 0, 0)) {
        *bits = bits_at(stream);
        entry = long_code(table, *bits);
        if (entry == 0) {
            stream->seen = ~0u;
            entry = ENTRY(1, 0);
        }
    }
    unsigned total = entry & 0xff, extra = entry >> 8;
    uint32_t above = (uint32_t)(*bits << (total - extra) >> 1 >> (63 - extra));
    /* A first bit of 0 means a negative difference, counted from the least one. */
    uint32_t least = (1u << extra >> 1) > above ? (1u << extra) - 1 : 0;
    stream->value[part] += (int32_t)(above - least);
    stream->seen |= (uint32_t)stream->value[part];
    stream->place += total;
    *bits <<= total;
}

/* The lines of one or two tiles of the same form: two wait for each other's memory, not each for its own. */
static inline __attribute__((always_inline)) int tile_lines(Stream *streams, int count, uint16_t *lines, const Part *to)
{
    long width = streams[0].head.width, height = streams[0].head.height;
    int bits = streams[0].head.bits;
    for (long line = 0; line < height; line++) {
        for (int each = 0; each < count; each++)
            memcpy(streams[each].value, streams[each].column, sizeof streams[each].value);
        for (long cell = 0; cell < width; cell++) {
            for (int part = 0; part < CELL; part += 2) {
                uint64_t now[2];
                for (int each = 0; each < count; each++)
                    now[each] = bits_at(&streams[each]);
                for (int half = 0; half < 2; half++)
                    for (int each = 0; each < count; each++)
                        take(&streams[each], part + half, &now[each]);
            }
            for (int each = 0; each < count; each++) {
                uint16_t *upper = lines + 2 * (each * width + cell), *lower = upper + 2 * count * width;
                upper[0] = (uint16_t)streams[each].value[0];
                upper[1] = (uint16_t)streams[each].value[1];
                lower[0] = (uint16_t)streams[each].value[2];
                lower[1] = (uint16_t)streams[each].value[3];
                if (cell == 0)
                    memcpy(streams[each].column, streams[each].value, sizeof streams[each].column);
            }
        }
        for (int each = 0; each < count; each++)
            if (streams[each].place > 8 * (uint64_t)streams[each].size || streams[each].seen >> bits)
                return BROKEN;
        for (int half = 0; half < 2; half++) {
            long row = 2 * line + half - to->y;
            if (row >= 0 && row < to->rows)
                emit(lines + half * 2 * count * width + to->x, to->columns, to->fits, to->out + row * to->stride);
        }
    }
    return DONE;
}

static int open_stream(Stream *stream, const uint8_t *data, size_t length, long width, long height)
{
    int status;
    memset(stream, 0, sizeof *stream);
    const uint8_t *start = read_head(data, data + length, stream->tables, &stream->head, &status);
    Head *head = &stream->head;
    if (start == NULL)
        return status;
    if (2L * head->width != width || 2L * head->height != height || head->bits < 2 || head->bits > 16)
        return UNKNOWN;
    size_t left = (size_t)(data + length - start), room = left + 4 * CELL * (size_t)head->width + 16;
    stream->scan = malloc(room);
    if (stream->scan == NULL)
        return NO_MEMORY;
    stream->size = unstuffed(start, data + length, stream->scan);
    memset(stream->scan + stream->size, 0, room - stream->size);
    for (int part = 0; part < CELL; part++)
        stream->column[part] = 1 << (head->bits - 1);
    return DONE;
}

/* A row of `count` tiles of `width` x `height` values each. Its columns x and on, rows y and on go to `out`. */
EXPORT int indi_sony_tiles(const uint8_t *data, const uint64_t *offsets, const uint64_t *lengths, long count, long width,
                           long height, long x, long y, long columns, long rows, int fits, uint16_t *out, long stride)
{
    Stream *streams = malloc(2 * sizeof *streams);
    uint16_t *lines = malloc(8 * (size_t)width);
    int status = streams == NULL || lines == NULL ? NO_MEMORY : DONE;
    for (long tile = 0, next; tile < count && status == DONE; tile = next) {
        next = tile + 2 <= count ? tile + 2 : tile + 1;
        Part to = {.y = y, .rows = rows, .fits = fits, .stride = stride};
        long from = tile * width > x ? tile * width : x, end = next * width < x + columns ? next * width : x + columns;
        if (from >= end)
            continue;
        to.x = from - tile * width;
        to.columns = end - from;
        to.out = out + (from - x);
        streams[0].scan = streams[1].scan = NULL;
        for (int each = 0; each < next - tile && status == DONE; each++)
            status = open_stream(&streams[each], data + offsets[tile + each], lengths[tile + each], width, height);
        int alike = next - tile == 2 && streams[0].head.bits == streams[1].head.bits;
        if (status == DONE && next - tile == 2 && !alike)
            status = UNKNOWN;
        if (status == DONE)
            status = alike ? tile_lines(streams, 2, lines, &to) : tile_lines(streams, 1, lines, &to);
        free(streams[0].scan);
        free(streams[1].scan);
    }
    free(lines);
    free(streams);
    return status;
}

/* The first run of `zero` of at least 128 values, between two columns that are multiples of 128: row * columns + column,
 * or -1. */
EXPORT long indi_sony_hole(const uint16_t *values, long columns, long rows, long stride, uint16_t zero)
{
    for (long row = 0; row < rows; row++) {
        const uint16_t *line = values + row * stride;
        for (long column = 0; column + ZERO_STEP < columns; column += ZERO_STEP) {
            if (line[column] != zero || line[column + ZERO_STEP] != zero)
                continue;
            long next = column + 1;
            while (next < column + ZERO_STEP && line[next] == zero)
                next++;
            if (next == column + ZERO_STEP)
                return row * columns + column;
        }
    }
    return -1;
}
