#include "tls/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "tls/internal.h"

static ssize_t raw_read(struct stream *stream, void *data, size_t size)
{
	return recv(stream->fd, data, size, 0);
}

static ssize_t raw_write(struct stream *stream, const void *data, size_t size)
{
	return send(stream->fd, data, size, MSG_NOSIGNAL);
}

static void raw_shutdown(struct stream *stream)
{
	shutdown(stream->fd, SHUT_WR);
}

static void raw_release(struct stream *stream)
{
	(void)stream;
}

static const struct stream_ops raw_ops = {raw_read, raw_write, raw_shutdown,
					  raw_release};

void stream_init(struct stream *stream, int fd)
{
	memset(stream, 0, sizeof(*stream));
	stream->ops = &raw_ops;
	stream->fd = fd;
}

/* The meaning of an operation without bytes. 0: the end; -1 with errno. */
static ssize_t tls_outcome(struct stream *stream, int result)
{
	int failure = errno;

	switch (SSL_get_error(stream->connection, result)) {
	case SSL_ERROR_WANT_WRITE:
		stream->read_wants_write = true;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_READ:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		errno = failure ? failure : ECONNRESET;
		return -1;
	default:
		ERR_clear_error();
		errno = EPROTO;
		return -1;
	}
}

/* Whole records, until the socket has no more or there is no room for one. */
static ssize_t tls_read(struct stream *stream, void *data, size_t size)
{
	size_t got = 0;

	stream->read_wants_write = false;
	do {
		size_t count;
		ssize_t outcome;
		int result;

		ERR_clear_error();
		errno = 0;
		result = SSL_read_ex(stream->connection, (uint8_t *)data + got,
				     size - got, &count);

		if (result == 1) {
			got += count;
			continue;
		}
		outcome = tls_outcome(stream, result);
		/* An end, or a failure, shows again at the next call. */
		return got ? (ssize_t)got : outcome;
	} while (size - got >= STREAM_READ_LEAST);
	return (ssize_t)got;
}

/* As many records as the socket takes. One that it has taken in part is
 * offered again: so must be its bytes. */
static ssize_t tls_write(struct stream *stream, const void *data, size_t size)
{
	bool wants_write = stream->read_wants_write;
	size_t done = 0;

	while (done < size) {
		size_t count;
		ssize_t outcome;
		int result;

		ERR_clear_error();
		errno = 0;
		result = SSL_write_ex(stream->connection,
				      (const uint8_t *)data + done, size - done,
				      &count);

		if (result == 1) {
			done += count;
			continue;
		}
		outcome = tls_outcome(stream, result);
		stream->read_wants_write = wants_write;
		if (done)
			break;
		if (!outcome)
			errno = EPIPE;
		return -1;
	}
	return (ssize_t)done;
}

static void tls_shutdown(struct stream *stream)
{
	if (!stream->shaking) {
		SSL_shutdown(stream->connection);
		ERR_clear_error();
	}
	shutdown(stream->fd, SHUT_WR);
}

static void tls_release(struct stream *stream)
{
	SSL_free(stream->connection);
	tls_unref(stream->tls);
	stream->connection = NULL;
	stream->tls = NULL;
	stream->ops = &raw_ops;
}

static const struct stream_ops tls_ops = {tls_read, tls_write, tls_shutdown,
					  tls_release};

/* The expected host: sent along (SNI), and checked in the certificate. */
static int expect_host(SSL *connection, const struct tls *tls, const char *host)
{
	X509_VERIFY_PARAM *wanted = SSL_get0_param(connection);
	struct in6_addr address;
	bool is_address = inet_pton(AF_INET, host, &address) == 1 ||
			  inet_pton(AF_INET6, host, &address) == 1;

	if (!is_address && SSL_set_tlsext_host_name(connection, host) != 1)
		return -1;
	if (tls->mode != TLS_VERIFY_FULL)
		return 0;
	X509_VERIFY_PARAM_set_hostflags(wanted,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(wanted, host) == 1 ? 0
									: -1;
	return X509_VERIFY_PARAM_set1_host(wanted, host, 0) == 1 ? 0 : -1;
}

int stream_secure(struct stream *stream, struct tls *tls, const char *host)
{
	SSL *connection = SSL_new(tls->context);

	if (!connection || SSL_set_fd(connection, stream->fd) != 1 ||
	    (host && expect_host(connection, tls, host))) {
		ERR_clear_error();
		SSL_free(connection);
		return -1;
	}
	if (host)
		SSL_set_connect_state(connection);
	else
		SSL_set_accept_state(connection);
	stream->connection = connection;
	stream->tls = tls;
	tls->references++;
	stream->ops = &tls_ops;
	stream->shaking = true;
	return 0;
}

/* A fault of the certificate takes precedence over the library's message. */
static void tell_failure(const struct stream *stream, int failure, char *why,
			 size_t size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);
	long verified = SSL_get_verify_result(stream->connection);

	if (verified != X509_V_OK)
		snprintf(why, size, "the peer's certificate: %s",
			 X509_verify_cert_error_string(verified));
	else if (reason)
		snprintf(why, size, "%s", reason);
	else
		snprintf(why, size, "%s",
			 failure ? strerror(failure)
				 : "the peer closed the connection");
	ERR_clear_error();
}

enum stream_progress stream_handshake(struct stream *stream, char *why,
				      size_t size)
{
	int failure;
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_do_handshake(stream->connection);
	failure = errno;
	if (result == 1) {
		stream->shaking = false;
		return STREAM_READY;
	}
	switch (SSL_get_error(stream->connection, result)) {
	case SSL_ERROR_WANT_READ:
		return STREAM_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return STREAM_WANTS_WRITE;
	default:
		tell_failure(stream, failure, why, size);
		return STREAM_FAILED;
	}
}

bool stream_has_protocol(const struct stream *stream)
{
	const unsigned char *name;
	unsigned size;

	SSL_get0_alpn_selected(stream->connection, &name, &size);
	return size > 0;
}

/* NULL: none, or more than one. */
static const X509_NAME_ENTRY *common_name(const X509_NAME *subject)
{
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0 ||
	    X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return NULL;
	return X509_NAME_get_entry(subject, at);
}

int stream_peer_name(const struct stream *stream, char *out, size_t size)
{
	X509 *certificate;
	const X509_NAME_ENTRY *entry;
	unsigned char *text = NULL;
	int length = -1;

	if (!stream->connection)
		return -1;
	certificate = SSL_get1_peer_certificate(stream->connection);
	if (!certificate)
		return -1;
	entry = common_name(X509_get_subject_name(certificate));
	if (entry)
		length =
		    ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
	/* A zero byte would make one name of two. */
	if (length <= 0 || (size_t)length >= size ||
	    memchr(text, 0, (size_t)length)) {
		length = -1;
	} else {
		memcpy(out, text, (size_t)length);
		out[length] = 0;
	}
	OPENSSL_free(text);
	X509_free(certificate);
	ERR_clear_error();
	return length > 0 ? 0 : -1;
}
