#include "tls/tls.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>

#include "tls/internal.h"

/* The library's reason for the last failure. */
static int fail(struct error *error, const char *what, const char *path)
{
	/* The first says it where it is the system's, else the last. */
	unsigned long code = ERR_peek_error();
	const char *reason =
	    ERR_SYSTEM_ERROR(code)
		? strerror(ERR_GET_REASON(code))
		: ERR_reason_error_string(ERR_peek_last_error());

	error_set(error, ERROR_CONFIG, "%s %s: %s", what, path,
		  reason ? reason : "cannot be used");
	ERR_clear_error();
	return -1;
}

/* A key with a passphrase: there is nobody to ask for it. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

/* Another user who can read the key can impersonate us. */
static int check_key_mode(const char *path, struct error *error)
{
	struct stat status;

	if (stat(path, &status))
		return error_set_errno(error, ERROR_CONFIG, "TLS key %s", path);
	/* Root may lend its key to a group, as Debian does. */
	if (!(status.st_mode & (status.st_uid ? 077 : 037)))
		return 0;
	error_set(error, ERROR_CONFIG, "TLS key %s: others can read it", path);
	error_hint(error, "chmod 600 it");
	return -1;
}

static int load_certificate(SSL_CTX *context, const char *certificate,
			    const char *key, struct error *error)
{
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return fail(error, "TLS certificate", certificate);
	if (check_key_mode(key, error))
		return -1;
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return fail(error, "TLS key", key);
	return 0;
}

static int load_ca(SSL_CTX *context, const char *ca, struct error *error)
{
	if (SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
		return fail(error, "TLS CA", ca);
	return 0;
}

static int set_protocol(struct tls *tls, const char *protocol,
			struct error *error)
{
	size_t size = protocol ? strlen(protocol) : 0;

	if (!size)
		return 0;
	if (size > TLS_PROTOCOL_MAX)
		return error_set(error, ERROR_INTERNAL, "%s is too long",
				 protocol);
	tls->protocol[0] = (unsigned char)size;
	memcpy(tls->protocol + 1, protocol, size);
	tls->protocol_size = (unsigned)size + 1;
	return 0;
}

static struct tls *tls_open(const SSL_METHOD *method, struct error *error)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls) {
		error_set(error, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	tls->magic = TLS_MAGIC;
	tls->references = 1;
	tls->context = SSL_CTX_new(method);
	if (!tls->context) {
		fail(error, "TLS", "library");
		free(tls);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	/* The protocols inside say where they end. */
	SSL_CTX_set_options(
	    tls->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
			      SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF |
			      SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(tls->context, 0);
	/* What a socket did not take is kept elsewhere when it is offered
	 * again; an idle connection has no buffers. */
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					   SSL_MODE_RELEASE_BUFFERS);
	return tls;
}

static int choose_protocol(SSL *connection, const unsigned char **out,
			   unsigned char *out_size,
			   const unsigned char *offered, unsigned offered_size,
			   void *context)
{
	const struct tls *tls = context;
	unsigned char *chosen;

	(void)connection;
	if (SSL_select_next_proto(&chosen, out_size, tls->protocol,
				  tls->protocol_size, offered,
				  offered_size) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int ask_for_certificates(SSL_CTX *context, const char *ca,
				struct error *error)
{
	STACK_OF(X509_NAME) * names;

	if (load_ca(context, ca, error))
		return -1;
	names = SSL_load_client_CA_file(ca);
	if (!names)
		return fail(error, "TLS CA", ca);
	SSL_CTX_set_client_CA_list(context, names);
	SSL_CTX_set_verify(
	    context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return 0;
}

int tls_server_new(const struct tls_server_files *files, const char *protocol,
		   struct tls **out, struct error *error)
{
	struct tls *tls = tls_open(TLS_server_method(), error);

	if (!tls)
		return -1;
	tls->is_server = true;
	SSL_CTX_set_dh_auto(tls->context, 1);
	if (set_protocol(tls, protocol, error) ||
	    load_certificate(tls->context, files->certificate, files->key,
			     error) ||
	    (files->ca &&
	     ask_for_certificates(tls->context, files->ca, error))) {
		tls_free(&tls);
		return -1;
	}
	if (tls->protocol_size)
		SSL_CTX_set_alpn_select_cb(tls->context, choose_protocol, tls);
	*out = tls;
	return 0;
}

int tls_client_new(const struct endpoint_tls *settings, const char *protocol,
		   struct tls **out, struct error *error)
{
	struct tls *tls = tls_open(TLS_client_method(), error);

	if (!tls)
		return -1;
	tls->mode = settings->mode;
	if (set_protocol(tls, protocol, error) ||
	    (settings->ca && load_ca(tls->context, settings->ca, error)) ||
	    (settings->certificate &&
	     load_certificate(tls->context, settings->certificate,
			      settings->key, error))) {
		tls_free(&tls);
		return -1;
	}
	if (settings->mode >= TLS_VERIFY_CA)
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	if (tls->protocol_size)
		SSL_CTX_set_alpn_protos(tls->context, tls->protocol,
					tls->protocol_size);
	*out = tls;
	return 0;
}

void tls_unref(struct tls *tls)
{
	if (--tls->references)
		return;
	SSL_CTX_free(tls->context);
	tls->magic = 0;
	free(tls);
}

void tls_free(struct tls **tls)
{
	if (*tls)
		tls_unref(*tls);
	*tls = NULL;
}
