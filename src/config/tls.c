/* An option of TLS that would not be obeyed is an error, with what to do. */
#include "config/tls.h"

#include <string.h>

/* The place of an option, if it is there. */
static const struct node *at(const struct node *node, const char *key)
{
	const struct node *value = node_get(node, key);

	return value ? value : node;
}

static void check_listen_files(struct document *document,
			       const struct node *root,
			       const struct config_listen_tls *tls)
{
	if (!tls->certificate || !tls->key)
		DOCUMENT_ERROR(document, at(root, "listen_tls"),
			       "listen_tls_certificate and listen_tls_key name "
			       "PEM files",
			       "listen_tls needs a certificate and its key");
	if (tls->offer == TLS_MUTUAL && !tls->ca)
		DOCUMENT_ERROR(document, at(root, "listen_tls"),
			       "listen_tls_ca names a PEM file of authorities",
			       "listen_tls: mutual has nothing to verify "
			       "clients by");
	if (tls->offer != TLS_MUTUAL && tls->ca)
		DOCUMENT_ERROR(document, at(root, "listen_tls_ca"),
			       "listen_tls: mutual, or leave it out",
			       "listen_tls_ca: clients are not asked for "
			       "certificates");
}

void config_check_listen_tls(struct document *document, const struct node *root,
			     const struct config_listen_tls *tls)
{
	if (tls->offer != TLS_OFF) {
		check_listen_files(document, root, tls);
		return;
	}
	if (tls->certificate || tls->key || tls->ca)
		DOCUMENT_ERROR(document,
			       at(root, tls->certificate
					    ? "listen_tls_certificate"
					: tls->key ? "listen_tls_key"
						   : "listen_tls_ca"),
			       "listen_tls: allow, require or mutual",
			       "clients are offered no TLS that this could be "
			       "used for");
}

/* Whether one of a driver's parameters, "k=v k=v", is TLS's own. */
static bool options_name_tls(const char *options)
{
	const char *found = options;

	while (found && (found = strstr(found, "ssl")) != NULL) {
		size_t width = strcspn(found, " \t=");
		const char *behind = found + width;

		if ((found == options || strchr(" \t", found[-1])) &&
		    behind[strspn(behind, " \t")] == '=')
			return true;
		found += 3;
	}
	return false;
}

static void check_endpoint_files(struct document *document,
				 const struct node *node, const char *section,
				 const struct endpoint_tls *tls)
{
	if (tls->mode >= TLS_VERIFY_CA && !tls->ca)
		DOCUMENT_ERROR(
		    document, at(node, "tls"),
		    "tls_ca names a PEM file of authorities, such as "
		    "/etc/ssl/certs/ca-certificates.crt",
		    "%s.tls has nothing to verify the server by", section);
	if (tls->mode < TLS_VERIFY_CA && tls->ca)
		DOCUMENT_ERROR(document, at(node, "tls_ca"),
			       "tls: verify-full or verify-ca",
			       "%s.tls_ca: the server's certificate is not "
			       "verified",
			       section);
	if (!tls->certificate != !tls->key)
		DOCUMENT_ERROR(document, node, NULL,
			       "%s.tls_certificate and tls_key go together",
			       section);
	else if (tls->mode == TLS_DISABLE && tls->key)
		DOCUMENT_ERROR(document, at(node, "tls"), NULL,
			       "%s.tls_certificate: there is no TLS that it "
			       "could be shown in",
			       section);
}

void config_check_endpoint_tls(struct document *document,
			       const struct node *node, const char *section,
			       const struct endpoint *endpoint)
{
	const struct endpoint_tls *tls = &endpoint->tls;

	check_endpoint_files(document, node, section, tls);
	if (tls->mode > TLS_PREFER && endpoint->host && *endpoint->host == '/')
		DOCUMENT_ERROR(document, at(node, "tls"),
			       "leave tls out, or reach the server by TCP",
			       "%s.tls: there is no TLS on a unix socket",
			       section);
	if (options_name_tls(endpoint->options))
		DOCUMENT_ERROR(document, at(node, "options"),
			       "tls, tls_ca, tls_certificate and tls_key hold "
			       "for all connections",
			       "%s.options sets TLS, which it cannot do for "
			       "all connections",
			       section);
}
