/* Big-endian integers in byte runs, and a borrowed view of a run. */
#ifndef PARALLAX_BASE_BYTES_H
#define PARALLAX_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes; not terminated. The giver says who owns it and for
 * how long it is valid. */
struct bytes {
	const uint8_t *data;
	size_t size;
};

static inline uint16_t bytes_get_u16(const uint8_t *in)
{
	return (uint16_t)((unsigned)in[0] << 8 | in[1]);
}

static inline uint32_t bytes_get_u32(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 |
	       (uint32_t)in[2] << 8 | in[3];
}

static inline uint64_t bytes_get_u64(const uint8_t *in)
{
	return (uint64_t)bytes_get_u32(in) << 32 | bytes_get_u32(in + 4);
}

static inline void bytes_put_u16(uint8_t *out, uint16_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static inline void bytes_put_u32(uint8_t *out, uint32_t value)
{
	bytes_put_u16(out, (uint16_t)(value >> 16));
	bytes_put_u16(out + 2, (uint16_t)value);
}

static inline void bytes_put_u64(uint8_t *out, uint64_t value)
{
	bytes_put_u32(out, (uint32_t)(value >> 32));
	bytes_put_u32(out + 4, (uint32_t)value);
}

#endif
