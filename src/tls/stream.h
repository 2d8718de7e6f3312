/*
 * A connection's bytes, raw or TLS. The socket is the caller's, non-blocking.
 *
 *	stream_init(&stream, fd)		bytes as they are
 *	stream_secure(&stream, tls, host)	from here on TLS
 *	stream_handshake(&stream, ...)		until it is STREAM_READY
 *	stream_read, stream_write		as recv(2) and send(2)
 *
 * A reader of TLS gives room for STREAM_READ_LEAST bytes or more: then whole
 * records are taken, and nothing that has come is left where poll(2) does not
 * see it.
 */
#ifndef PARALLAX_TLS_STREAM_H
#define PARALLAX_TLS_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tls/tls.h"

enum { STREAM_READ_LEAST = 16 * 1024 };

struct stream;

struct stream_ops {
	/* As recv(2) and send(2): -1 with errno, EAGAIN if it must wait, 0 at
	 * the end. */
	ssize_t (*read)(struct stream *stream, void *data, size_t size);
	ssize_t (*write)(struct stream *stream, const void *data, size_t size);
	/* Ends writing; incoming data can still be read. */
	void (*shutdown)(struct stream *stream);
	/* Frees everything except the socket. */
	void (*release)(struct stream *stream);
};

struct stream {
	const struct stream_ops *ops;
	int fd;		  /* -1: none */
	void *connection; /* the library's; NULL: raw */
	struct tls *tls;  /* that it began with */
	bool shaking;	  /* the handshake is not over */
	/* Continue reading when the socket can be written: TLS must send
	 * something first. */
	bool read_wants_write;
};

enum stream_progress {
	STREAM_READY,
	STREAM_WANTS_READ, /* call again when the socket can be read */
	STREAM_WANTS_WRITE,
	STREAM_FAILED,
};

void stream_init(struct stream *stream, int fd);

/* host: of a server, whose certificate must be made out to it if so wanted;
 * NULL: the peer is a client. -1: no memory, or no such name. */
int stream_secure(struct stream *stream, struct tls *tls, const char *host);

/* FAILED: why it failed is in `why`, always terminated. */
enum stream_progress stream_handshake(struct stream *stream, char *why,
				      size_t size);

static inline bool stream_is_secure(const struct stream *stream)
{
	return stream->connection != NULL;
}

/* After the handshake. Whether the peer has agreed on the protocol's name. */
bool stream_has_protocol(const struct stream *stream);
/* The common name of the peer's certificate, UTF-8; -1: it has shown none, or
 * one without a single such name of at most size - 1 bytes. */
int stream_peer_name(const struct stream *stream, char *out, size_t size);

static inline ssize_t stream_read(struct stream *stream, void *data,
				  size_t size)
{
	return stream->ops->read(stream, data, size);
}

static inline ssize_t stream_write(struct stream *stream, const void *data,
				   size_t size)
{
	return stream->ops->write(stream, data, size);
}

static inline void stream_shutdown(struct stream *stream)
{
	stream->ops->shutdown(stream);
}

static inline void stream_release(struct stream *stream)
{
	stream->ops->release(stream);
}

#endif
